"""The items of a subscription: what it consists of and what each costs a term."""

from sandbox.chargebee.desk import Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.invoicing import line
from sandbox.chargebee.pricing import cost, monthly
from sandbox.chargebee.shapes import wrong
from sandbox.journal import Document

MOST_UNITS = 10**9
_ROW = ("item_price_id", "quantity", "unit_price", "item_type")


def chosen(desk: Desk, form: Form) -> list[Document]:
    """Return the items that the rows of a form name, in the shape of an answer."""
    items: list[Document] = []
    for row in form.rows("subscription_items"):
        row.only(*_ROW)
        param = row.param("item_price_id")
        price_id = row.required("item_price_id")
        if price_id in {each["item_price_id"] for each in items}:
            raise wrong(param, f"{price_id} is there twice")
        price = desk.get("item_price", price_id, param)
        if price["status"] != "active":
            raise wrong(param, f"{price_id} is not active")
        metered = desk.get("item", price["item_id"]).get("metered", False)
        quantity = None
        if not metered and price["pricing_model"] != "flat_fee":
            quantity = row.whole("quantity", 1, MOST_UNITS, default=1)
        item = {
            "item_price_id": price_id,
            "item_type": price["item_type"],
            "quantity": quantity,
            "metered_quantity": "0" if metered else None,
            "unit_price": row.whole("unit_price", default=price.get("price")),
            "free_quantity": price.get("free_quantity", 0),
            "object": "subscription_item",
        }
        item = {key: each for key, each in item.items() if each is not None}
        if not metered:
            own = item["unit_price"] if row.has("unit_price") else None
            item["amount"] = cost(price, quantity or 1, own)
        items.append(item)
    return items


def checked(desk: Desk, items: list[Document]) -> Document:
    """Return the price of the plan; refuse items that do not go together."""
    plans = [each for each in items if each["item_type"] == "plan"]
    first = "subscription_items[item_price_id][0]"
    if len(plans) != 1:
        raise wrong(first, "there should be exactly one plan")
    plan = desk.get("item_price", plans[0]["item_price_id"])
    for place, item in enumerate(items):
        price = desk.get("item_price", item["item_price_id"])
        param = f"subscription_items[item_price_id][{place}]"
        if price["currency_code"] != plan["currency_code"]:
            raise wrong(param, f"is not in {plan['currency_code']}")
        same = (price.get("period"), price.get("period_unit"))
        if item["item_type"] == "addon" and same != (
            plan["period"],
            plan["period_unit"],
        ):
            raise wrong(param, "has another billing period than the plan")
    return plan


def recurring(items: list[Document]) -> list[Document]:
    """Return what is charged in advance for every term."""
    return [
        each for each in items if each["item_type"] != "charge" and "amount" in each
    ]


def lines_for(
    desk: Desk, subscription: Document, items: list[Document], dates: tuple[int, int]
) -> list[Document]:
    """Return the lines that charge items for a term."""
    return [line_for(desk, subscription, item, item["amount"], dates) for item in items]


def line_for(
    desk: Desk,
    subscription: Document,
    item: Document,
    amount: int,
    dates: tuple[int, int],
) -> Document:
    """Return the line that charges an amount for an item.

    A part of what the item costs is a line of one unit.
    """
    price = desk.held("item_price").get(item["item_price_id"]) or {}
    whole = amount == item["amount"]
    quantity = item.get("quantity", 1) if whole else 1
    name = price.get("external_name", price.get("name", item["item_price_id"]))
    return line(
        desk,
        amount=amount,
        quantity=quantity,
        unit=item.get("unit_price", amount // quantity) if whole else amount,
        dates=dates,
        entity=(f"{item['item_type']}_item_price", item["item_price_id"]),
        description=str(name) if whole else f"{name} - Prorated Charges",
        owner=(subscription["customer_id"], subscription["id"]),
        model=price.get("pricing_model", "flat_fee"),
    )


def usage_lines(
    desk: Desk, subscription: Document, dates: tuple[int, int]
) -> list[Document]:
    """Return the lines for what was used in a term, and mark it as invoiced."""
    lines = []
    for item in subscription["subscription_items"]:
        if "metered_quantity" not in item:
            continue
        price = desk.get("item_price", item["item_price_id"])
        used = [
            each
            for each in desk.of("usage", "subscription_id", subscription["id"])
            if each["item_price_id"] == item["item_price_id"]
            and dates[0] <= each["usage_date"] < dates[1]
            and "invoice_id" not in each
        ]
        units = sum(int(each["quantity"]) for each in used)
        made = line(
            desk,
            amount=cost(price, units),
            quantity=units,
            unit=price.get("price", 0),
            dates=dates,
            entity=(f"{item['item_type']}_item_price", price["id"]),
            description=str(price.get("external_name", price["name"])),
            owner=(subscription["customer_id"], subscription["id"]),
            model=price["pricing_model"],
            metered=True,
        )
        lines.append(made)
        for each in used:
            # The invoice's number follows: `line_item_id` is what tells them now.
            desk.save("usage", each | {"line_item_id": made["id"]})
    return lines


def month_value(subscription: Document) -> int:
    """Return the recurring amount per month."""
    return sum(
        monthly(
            each["amount"],
            subscription["billing_period"],
            subscription["billing_period_unit"],
        )
        for each in recurring(subscription["subscription_items"])
    )
