"""Products and prices: what is sold, and for how much."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.parameters import (
    EXPAND,
    MAX_AMOUNT,
    Fields,
    checked,
    choice,
    currency,
    decimal,
    either,
    flag,
    group,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, error, invalid
from sandbox.wire import Refusal

INTERVALS = ("day", "month", "week", "year")
# docs.stripe.com/api/prices: three years at most.
_LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}

_PRODUCT: Fields = {
    **EXPAND,
    "active": flag,
    "description": text(longest=40_000),
    "images": several(text()),
    "marketing_features": several(group({"name!": text(longest=80)})),
    "metadata": metadata,
    "name": text(longest=5000),
    "package_dimensions": group(
        dict.fromkeys(("height!", "length!", "weight!", "width!"), decimal(low=0))
    ),
    "shippable": flag,
    "statement_descriptor": text(longest=22),
    "tax_code": text(),
    "unit_label": text(longest=12),
    "url": text(),
}
_RECURRING: Fields = {
    "interval!": choice(*INTERVALS),
    "interval_count": whole(1, 1095),
    "meter": text(),
    "usage_type": choice("licensed", "metered"),
}
_AMOUNTS: Fields = {
    "unit_amount": whole(0, MAX_AMOUNT),
    "unit_amount_decimal": decimal(low=0),
    "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
}
_TIER = group(
    {
        "flat_amount": whole(0, MAX_AMOUNT),
        "flat_amount_decimal": decimal(low=0),
        "unit_amount": whole(0, MAX_AMOUNT),
        "unit_amount_decimal": decimal(low=0),
        "up_to!": either(("inf",), whole(1)),
    }
)
_PRICE: Fields = {
    **EXPAND,
    **_AMOUNTS,
    "active": flag,
    "billing_scheme": choice("per_unit", "tiered"),
    "currency!": currency,
    "lookup_key": text(longest=200),
    "metadata": metadata,
    "nickname": text(),
    "product": text(),
    "product_data": group(
        {
            "active": flag,
            "id": text(),
            "metadata": metadata,
            "name!": text(),
            "statement_descriptor": text(longest=22),
            "tax_code": text(),
            "unit_label": text(longest=12),
        }
    ),
    "recurring": group(_RECURRING),
    "tiers": several(_TIER),
    "tiers_mode": choice("graduated", "volume"),
    "transfer_lookup_key": flag,
    "transform_quantity": group(
        {"divide_by!": whole(1), "round!": choice("up", "down")}
    ),
}
# A price made while a subscription or an invoice is.
PRICE_DATA = group(
    {
        **_AMOUNTS,
        "currency!": currency,
        "product!": text(),
        "recurring": group(
            {"interval!": choice(*INTERVALS), "interval_count": whole(1, 1095)}
        ),
    }
)


def create_product(books: Books, given: Params) -> Document:
    """Add a product, with its default price if one is described."""
    own: Fields = {
        "id": text(longest=255),
        "default_price_data": group(
            {
                **_AMOUNTS,
                "currency!": currency,
                "metadata": metadata,
                "recurring": group(_RECURRING),
            }
        ),
    }
    fields = {name: read for name, read in _PRODUCT.items() if name != "name"}
    params = checked(given, {**fields, **own, "name!": _PRODUCT["name"]})
    product = new_product(books, params)
    default = params.get("default_price_data")
    if default:
        price = new_price(books, {**default, "product": product["id"]})
        return books.update(product, default_price=price["id"])
    return product


def new_product(books: Books, params: Params) -> Document:
    """Add a product from parameters that were read."""
    product_id = params.get("id") or books.new_id("prod_")
    if books.get("product", product_id) is not None:
        sentence = f"Product already exists: {product_id}"
        raise invalid(sentence, "id", "resource_already_exists")
    at = books.now
    return books.create(
        {
            "id": product_id,
            "object": "product",
            "active": params.get("active", True),
            "created": at,
            "default_price": None,
            "description": params.get("description"),
            "images": params.get("images", []),
            "livemode": False,
            "marketing_features": params.get("marketing_features", []),
            "metadata": merged(None, params.get("metadata", {})),
            "name": params["name"],
            "package_dimensions": params.get("package_dimensions"),
            "shippable": params.get("shippable"),
            "statement_descriptor": params.get("statement_descriptor"),
            "tax_code": params.get("tax_code"),
            "unit_label": params.get("unit_label"),
            "updated": at,
            "url": params.get("url"),
        }
    )


def update_product(books: Books, given: Params, product_id: str) -> Document:
    """Change a product."""
    params = checked(given, {**_PRODUCT, "default_price": text()})
    product = books.need("product", product_id)
    fields = {
        name: value
        for name, value in params.items()
        if name not in ("expand", "metadata")
        and (value is not None or name not in ("name", "active"))
    }
    default = params.get("default_price")
    if default:
        price = books.need("price", default, "default_price")
        if price["product"] != product_id:
            sentence = (
                f"The price with ID {default} belongs to the product with ID "
                f"{price['product']} and cannot be this product's default."
            )
            raise invalid(sentence, "default_price")
    if "metadata" in params:
        fields["metadata"] = merged(product["metadata"], params["metadata"])
    return books.update(product, **fields, updated=books.now)


def delete_product(books: Books, given: Params, product_id: str) -> Document:
    """Delete a product that no price names."""
    checked(given, {})
    product = books.need("product", product_id)
    if books.find("price", product=product_id):
        sentence = (
            "This product cannot be deleted because it has one or more user-created "
            "prices."
        )
        raise invalid(sentence)
    return books.delete(product)


def create_price(books: Books, given: Params) -> Document:
    """Add a price."""
    params = checked(given, _PRICE)
    if bool(params.get("product")) == bool(params.get("product_data")):
        sentence = "You must specify either `product` or `product_data`."
        raise invalid(sentence, "product", "parameter_missing")
    if params.get("product"):
        books.need("product", params["product"], "product")
    else:
        params["product"] = new_product(books, params["product_data"])["id"]
    return new_price(books, params)


def new_price(books: Books, params: Params) -> Document:
    """Add a price from parameters that were read."""
    recurring = _recurring(books, params.get("recurring"))
    tiers = _tiers(params)
    number, exact = _unit(params)
    if not tiers and exact is None:
        sentence = (
            "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be "
            "set."
        )
        raise invalid(sentence, "unit_amount", "parameter_missing")
    document: Document = {
        "id": books.new_id("price_"),
        "object": "price",
        "active": params.get("active", True),
        "billing_scheme": "tiered" if tiers else "per_unit",
        "created": books.now,
        "currency": params["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": params.get("lookup_key"),
        "metadata": merged(None, params.get("metadata", {})),
        "nickname": params.get("nickname"),
        "product": params["product"],
        "recurring": recurring,
        "tax_behavior": params.get("tax_behavior") or "unspecified",
        "tiers_mode": params.get("tiers_mode") if tiers else None,
        "transform_quantity": params.get("transform_quantity"),
        "type": "recurring" if recurring else "one_time",
        "unit_amount": None if tiers else number,
        "unit_amount_decimal": None if tiers else _plain(exact),
    }
    if tiers:
        document["tiers"] = tiers
    _take_lookup_key(books, params)
    return books.create(document)


def _recurring(books: Books, wanted: Params | None) -> Document | None:
    if not wanted:
        return None
    count = wanted.get("interval_count") or 1
    if count > _LONGEST[wanted["interval"]]:
        sentence = "You cannot set a price with a billing period of more than 3 years."
        raise invalid(sentence, "recurring[interval_count]")
    usage = wanted.get("usage_type") or "licensed"
    meter = wanted.get("meter")
    if (usage == "metered") != bool(meter):
        sentence = (
            "Metered prices must be backed by a meter."
            if usage == "metered"
            else "Only metered prices can be backed by a meter."
        )
        raise invalid(sentence, "recurring[meter]")
    if meter:
        held = books.need("billing.meter", meter, "recurring[meter]")
        if held["status"] != "active":
            sentence = f"The meter {meter} is inactive."
            raise invalid(sentence, "recurring[meter]", "billing_meter_inactive")
    return {
        "interval": wanted["interval"],
        "interval_count": count,
        "meter": meter,
        "usage_type": usage,
    }


def _unit(params: Mapping[str, Any]) -> tuple[int | None, Decimal | None]:
    """Return the price of one unit, whole where it is, and exact."""
    amount, exact = params.get("unit_amount"), params.get("unit_amount_decimal")
    if amount is not None and exact is not None:
        sentence = (
            "You may only specify one of these: unit_amount, unit_amount_decimal."
        )
        raise invalid(sentence, "unit_amount")
    if amount is not None:
        return amount, Decimal(amount)
    if exact is None:
        return None, None
    return (int(exact) if exact == exact.to_integral_value() else None), exact


def _plain(number: Decimal | None) -> str | None:
    """Return a number without trailing zeros or exponents."""
    if number is None:
        return None
    text_ = format(number, "f")
    return text_.rstrip("0").rstrip(".") if "." in text_ else text_


def _tiers(params: Params) -> list[Document]:
    tiers = params.get("tiers") or []
    tiered = params.get("billing_scheme") == "tiered"
    if tiered != bool(tiers) or bool(tiers) != bool(params.get("tiers_mode")):
        sentence = (
            "Tiered prices need `billing_scheme=tiered`, `tiers` and `tiers_mode`."
        )
        raise invalid(sentence, "tiers", "parameter_missing")
    last = 0
    for place, tier in enumerate(tiers):
        up_to, is_last = tier["up_to"], place == len(tiers) - 1
        if is_last != (up_to == "inf") or (up_to != "inf" and up_to <= last):
            sentence = (
                "Tiers must rise, and the last one must have an `up_to` of `inf`."
            )
            raise invalid(sentence, f"tiers[{place}][up_to]")
        last = last if up_to == "inf" else up_to
    return [_tier(tier) for tier in tiers]


def _tier(tier: Params) -> Document:
    number, exact = _unit(tier)
    flat = {
        "unit_amount": tier.get("flat_amount"),
        "unit_amount_decimal": tier.get("flat_amount_decimal"),
    }
    flat_number, flat_exact = _unit(flat)
    return {
        "flat_amount": flat_number,
        "flat_amount_decimal": _plain(flat_exact),
        "unit_amount": number,
        "unit_amount_decimal": _plain(exact),
        "up_to": None if tier["up_to"] == "inf" else tier["up_to"],
    }


def _take_lookup_key(books: Books, params: Params) -> None:
    """Refuse a lookup key that another price has, or take it from that one."""
    key = params.get("lookup_key")
    if not key:
        return
    for other in books.find("price", lookup_key=key):
        if not params.get("transfer_lookup_key"):
            sentence = f"A price (`{other['id']}`) already uses that lookup key."
            raise Refusal(
                error(400, sentence, code="resource_already_exists", param="lookup_key")
            )
        books.update(other, lookup_key=None)


def update_price(books: Books, given: Params, price_id: str) -> Document:
    """Change what a price may change: not its amount, which was agreed."""
    names = ("active", "lookup_key", "metadata", "nickname", "transfer_lookup_key")
    own = {name: _PRICE[name] for name in names}
    params = checked(given, {**EXPAND, **own, "tax_behavior": _AMOUNTS["tax_behavior"]})
    price = books.need("price", price_id)
    if params.get("lookup_key") != price["lookup_key"]:
        _take_lookup_key(books, params)
    fields = {
        name: params[name]
        for name in ("active", "lookup_key", "nickname")
        if name in params
    }
    if params.get("tax_behavior"):
        if price["tax_behavior"] not in (None, "unspecified", params["tax_behavior"]):
            sentence = "Once specified, tax_behavior cannot be changed."
            raise invalid(sentence, "tax_behavior")
        fields["tax_behavior"] = params["tax_behavior"]
    if "metadata" in params:
        fields["metadata"] = merged(price["metadata"], params["metadata"])
    return books.update(price, **fields)
