"""Chargebee's catalogue of the company: families, items, prices and coupons."""

from collections.abc import Iterable, Iterator

from sandbox.chargebee.documents_ids import INTERVALS, listed, price_id, price_of
from sandbox.chargebee.documents_shapes import kind_of, stamped
from sandbox.company.catalogue import ALL_BY_SKU, Charge, Product, list_minor, tiers
from sandbox.company.company import Company
from sandbox.company.facts import Price
from sandbox.shapes import Document
from sandbox.stripe.documents_subscriptions import coupon_id


def catalogue(company: Company, made: int) -> dict[str, list[Document]]:
    """Return the records of what is sold, all made at an instant."""
    families = dict.fromkeys(product.family for product in company.products)
    return {
        "item_family": [_family(each, made) for each in families],
        "item": [_item(each, made) for each in company.products],
        "item_price": [_price(each, made) for each in _prices(company)],
        "coupon": list(_coupons(company, made)),
    }


def _family(name: str, made: int) -> Document:
    return stamped(
        {
            "id": name.replace(" ", "-"),
            "name": name,
            "status": "active",
            "channel": "web",
            "deleted": False,
            "object": "item_family",
        },
        made,
    )


def _item(product: Product, made: int) -> Document:
    metered = product.charge is Charge.USAGE
    return stamped(
        {
            "id": product.sku,
            "name": product.name,
            "external_name": product.name,
            "status": "active",
            "item_family_id": product.family.replace(" ", "-"),
            "type": kind_of(product),
            "is_giftable": False,
            "is_shippable": False,
            "enabled_in_portal": True,
            "enabled_for_checkout": True,
            "included_in_mrr": product.charge is Charge.RECURRING,
            "item_applicability": "all",
            "metered": metered,
            "usage_calculation": "sum_of_usages" if metered else None,
            "channel": "web",
            "metadata": {"sku": product.sku},
            "deleted": False,
            "object": "item",
        },
        made,
    )


def _prices(company: Company) -> Iterable[Price]:
    """Return the list prices and whatever else was agreed, each id once."""
    currencies = sorted({customer.currency for customer in company.customers})
    found = [
        Price(
            product.sku,
            currency,
            interval,
            list_minor(product.sku, currency) * (12 if interval == "year" else 1),
        )
        for product in company.products
        if product.list_cents
        for currency in currencies
        for interval in _intervals(product)
    ]
    for contract in company.contracts:
        found += [price_of(contract, line) for line in contract.lines]
    found += [line.price for each in company.invoices for line in each.lines]
    return {price_id(each): each for each in dict.fromkeys(found)}.values()


def _intervals(product: Product) -> tuple[str | None, ...]:
    if product.charge is Charge.ONE_TIME:
        return (None,)
    return ("month",) if product.charge is Charge.USAGE else ("month", "year")


def _price(price: Price, made: int) -> Document:
    product = ALL_BY_SKU[price.sku]
    name = f"{product.name} {price.currency} {INTERVALS[price.interval]}"
    if price.unit_minor != listed(price) and not price.tiers:
        name += f" {price.unit_minor}"
    steps: list[Document] = []
    for tier in price.tiers and tiers(price.sku, price.currency):
        before = steps[-1]["ending_unit"] if steps else 0
        step = {"starting_unit": before + 1, "ending_unit": tier.up_to}
        step |= {"price": tier.unit_minor}
        steps.append({key: each for key, each in step.items() if each is not None})
    return stamped(
        {
            "id": price_id(price),
            "name": name,
            "external_name": product.name,
            "item_family_id": product.family.replace(" ", "-"),
            "item_id": price.sku,
            "item_type": kind_of(product),
            "status": "active",
            "pricing_model": "tiered" if steps else "per_unit",
            "price": None if steps else price.unit_minor,
            "tiers": steps or None,
            "currency_code": price.currency,
            "period": None if price.interval is None else 1,
            "period_unit": price.interval,
            "free_quantity": 0,
            "is_taxable": True,
            "show_description_in_invoices": False,
            "show_description_in_quotes": False,
            "created_at": made,
            "channel": "web",
            "deleted": False,
            "object": "item_price",
        },
        made,
    )


def _coupons(company: Company, made: int) -> Iterator[Document]:
    redeemed: dict[tuple[int, int], int] = {}
    for contract in company.contracts:
        if contract.discount is not None:
            place = (contract.discount.percent, contract.discount.months)
            redeemed[place] = redeemed.get(place, 0) + 1
    for (percent, months), times in sorted(redeemed.items()):
        coupon = {
            "id": coupon_id(percent, months),
            "name": f"{percent} % off for {months} months",
            "invoice_name": f"{percent} % off",
            "discount_type": "percentage",
            "discount_percentage": percent,
            "apply_on": "each_specified_item",
            "duration_type": "limited_period",
            "period": months,
            "period_unit": "month",
            "status": "active",
            "redemptions": times,
            "created_at": made,
            "deleted": False,
            "object": "coupon",
        }
        yield stamped(coupon, made)
