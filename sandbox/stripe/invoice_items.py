"""Invoice items: what waits for an invoice, and the lines of a draft."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe.books import Books, same_currency
from sandbox.stripe.catalogue import PRICE_DATA, new_price
from sandbox.stripe.coupons import DISCOUNTS, redeemed
from sandbox.stripe.invoice_papers import describe, line_of_item, pricing_of
from sandbox.stripe.invoices import not_editable, resummed
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    currency,
    decimal,
    flag,
    group,
    instant,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.pricing import amount_of
from sandbox.stripe.shapes import Params, invalid, missing

MAX_QUANTITY = 999_999_999

ITEM: Fields = {
    "amount": whole(-99_999_999_999, 99_999_999_999),
    "description": text(),
    "discountable": flag,
    "discounts": DISCOUNTS,
    "metadata": metadata,
    "period": group({"start!": instant(), "end!": instant()}),
    "price_data": PRICE_DATA,
    "pricing": group({"price!": text()}),
    "quantity": whole(0, MAX_QUANTITY),
    "unit_amount_decimal": decimal(),
}


def create(books: Books, given: Params) -> Document:
    """Add an item to a draft, or for the customer's next invoice."""
    own: Fields = {
        **EXPAND,
        "currency": currency,
        "customer!": text(),
        "invoice": text(),
        "subscription": text(),
    }
    params = checked(given, {**ITEM, **own})
    customer = books.need("customer", params["customer"], "customer")
    item = made(books, customer, params)
    invoice = None
    if params.get("subscription"):
        subscription = books.need(
            "subscription", params["subscription"], "subscription"
        )
        details = {"subscription": subscription["id"]}
        item["parent"] = {
            "subscription_details": details,
            "type": "subscription_details",
        }
    if params.get("invoice"):
        invoice = books.need("invoice", params["invoice"], "invoice")
        if invoice["customer"] != customer["id"]:
            sentence = "The invoice belongs to another customer."
            raise invalid(sentence, "invoice")
        check_draft(invoice)
        if invoice["currency"] != item["currency"]:
            sentence = "The item's currency isn't the invoice's."
            raise invalid(sentence, "currency")
        item["invoice"] = invoice["id"]
    item = books.create(item)
    if invoice:
        added = line_of_item(books, invoice["id"], item)
        resummed(books, invoice, [*invoice["lines"]["data"], added])
    return item


def made(books: Books, customer: Document, params: Params) -> Document:
    """Return an invoice item from parameters that were read; nothing is written."""
    at = books.time_of(customer)
    price, quantity = price_of(books, params), params.get("quantity")
    units = 1 if quantity is None else quantity
    money = params.get("currency") or (price or customer).get("currency")
    if money is None:
        raise invalid(
            "Missing required param: currency.", "currency", "parameter_missing"
        )
    same_currency(customer, money)
    if price is not None and price["currency"] != money:
        sentence = "The price's currency isn't the item's."
        raise invalid(sentence, "currency")
    amount = _amount(params, price, units)
    item_id = books.new_id("ii_")
    discounts = redeemed(
        books,
        params.get("discounts", []),
        (),
        at,
        {"customer": customer["id"], "invoice_item": item_id},
    )
    description = params.get("description")
    if description is None and price is not None:
        description = describe(books, price, units)
    return {
        "id": item_id,
        "object": "invoiceitem",
        "amount": amount,
        "currency": money,
        "customer": customer["id"],
        "date": at,
        "description": description,
        "discountable": params.get("discountable", amount >= 0),
        "discounts": [each["id"] for each in discounts],
        "invoice": None,
        "livemode": False,
        "metadata": merged(None, params.get("metadata", {})),
        "net_amount": amount,
        "parent": None,
        "period": params.get("period") or {"start": at, "end": at},
        "pricing": pricing_of(price, amount) if price else None,
        "proration": False,
        "quantity": units,
        "quantity_decimal": str(units),
        "tax_rates": [],
        "test_clock": customer.get("test_clock"),
    }


def price_of(books: Books, params: Params) -> Document | None:
    """Return the price that parameters name or describe."""
    if params.get("price_data"):
        data = params["price_data"]
        books.need("product", data["product"], "price_data[product]")
        return new_price(books, {**data, "active": False})
    if params.get("pricing"):
        return books.need("price", params["pricing"]["price"], "pricing[price]")
    return None


def _amount(params: Params, price: Document | None, units: int) -> int:
    amount, unit = params.get("amount"), params.get("unit_amount_decimal")
    if sum(each is not None for each in (amount, price, unit)) != 1:
        sentence = "Give one of amount, pricing, price_data and unit_amount_decimal."
        raise invalid(sentence, "amount", "parameter_missing")
    if price is not None:
        if price["type"] == "recurring":
            sentence = (
                "The price specified is set to `type=recurring` but this field only "
                "accepts prices with `type=one_time`."
            )
            raise invalid(sentence, "pricing[price]")
        return amount_of(price, units)
    if unit is not None:
        return amount_of({"unit_amount_decimal": str(unit)}, units)
    if params.get("quantity") is not None:
        sentence = "`quantity` goes with a price, not with an `amount`."
        raise invalid(sentence, "quantity")
    return int(amount or 0)


def check_draft(invoice: Document) -> None:
    """Refuse to touch the lines of an invoice that is final."""
    if invoice["status"] != "draft":
        sentence = "This invoice is no longer editable"
        raise invalid(sentence, "invoice", "invoice_not_editable")


def update(books: Books, given: Params, item_id: str) -> Document:
    """Change an item that no final invoice has taken in."""
    params = checked(given, {**EXPAND, **ITEM})
    item = books.need("invoiceitem", item_id)
    invoice = _invoice(books, item)
    fields: Document = {
        name: params[name]
        for name in ("description", "discountable", "period")
        if name in params and (name == "description" or params[name] is not None)
    }
    if "metadata" in params:
        fields["metadata"] = merged(item["metadata"], params["metadata"])
    if {"amount", "pricing", "price_data", "unit_amount_decimal", "quantity"} & set(
        params
    ):
        fields |= _revalued(books, item, params)
    if "discounts" in params:
        place = {"customer": item["customer"], "invoice_item": item_id}
        discounts = redeemed(books, params["discounts"], (), item["date"], place)
        fields["discounts"] = [each["id"] for each in discounts]
    item = books.update(item, **fields)
    if invoice:
        lines = [
            line_of_item(books, invoice["id"], item) | {"id": each["id"]}
            if source_of(each) == item_id
            else each
            for each in invoice["lines"]["data"]
        ]
        resummed(books, invoice, lines)
    return item


def _revalued(books: Books, item: Document, params: Params) -> Document:
    """Return the fields that follow from another price, quantity or amount."""
    price = price_of(books, params)
    quantity = params.get("quantity")
    if params.get("amount") is not None:
        amount = _amount(params, price, 1)
        return {
            "amount": amount,
            "net_amount": amount,
            "pricing": None,
            "quantity": 1,
            "quantity_decimal": "1",
        }
    units = item["quantity"] if quantity is None else quantity
    details = (item.get("pricing") or {}).get("price_details") or {}
    if price is None and params.get("unit_amount_decimal") is None:
        if not details.get("price"):
            sentence = "An item with an `amount` has no quantity."
            raise invalid(sentence, "quantity")
        price = books.need("price", details["price"], "pricing[price]")
    asked = {**params, "quantity": units}
    amount = _amount(asked, price, units)
    return {
        "amount": amount,
        "net_amount": amount,
        "pricing": pricing_of(price, amount) if price else None,
        "quantity": units,
        "quantity_decimal": str(units),
    }


def _invoice(books: Books, item: Document) -> Document | None:
    """Return the draft that an item is on; refuse if it is final."""
    if not item.get("invoice"):
        return None
    invoice = books.get("invoice", item["invoice"])
    if invoice is None or invoice["status"] != "draft":
        sentence = "This invoice item is part of an invoice that is no longer a draft."
        raise invalid(sentence, "id", "invoice_not_editable")
    return invoice


def delete(books: Books, given: Params, item_id: str) -> Document:
    """Take an item away that no final invoice has taken in."""
    checked(given, {})
    item = books.need("invoiceitem", item_id)
    invoice = _invoice(books, item)
    if invoice:
        kept = [each for each in invoice["lines"]["data"] if source_of(each) != item_id]
        resummed(books, invoice, kept)
    return books.delete(item)


def source_of(line: Document) -> Any:
    """Return the id of the item that a line came from."""
    parent = line.get("parent") or {}
    details = parent.get(parent.get("type") or "") or {}
    return details.get("invoice_item")


_LINE: Fields = {**ITEM, "invoice_item": text()}


def add_lines(books: Books, given: Params, invoice_id: str) -> Document:
    """Add lines to a draft, each by an item of its own or one that waits."""
    params = checked(
        given,
        {**EXPAND, "lines!": several(group(_LINE)), "invoice_metadata": metadata},
    )
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] != "draft":
        raise not_editable("lines")
    customer = books.need("customer", invoice["customer"])
    lines = list(invoice["lines"]["data"])
    for place, each in enumerate(params["lines"]):
        if not each:
            raise invalid("Invalid object", f"lines[{place}]")
        if each.get("invoice_item"):
            param = f"lines[{place}][invoice_item]"
            item = books.need("invoiceitem", each["invoice_item"], param)
            if item["customer"] != customer["id"] or item["invoice"]:
                raise missing("invoiceitem", item["id"], param)
            item = books.update(item, invoice=invoice_id)
        else:
            wanted = {"currency": invoice["currency"], **each}
            item = books.create(made(books, customer, wanted) | {"invoice": invoice_id})
        lines.append(line_of_item(books, invoice_id, item))
    return _with(books, invoice, lines, params)


def _with(
    books: Books, invoice: Document, lines: list[Document], params: Params
) -> Document:
    if "invoice_metadata" in params:
        held = invoice.get("metadata")
        after = merged(held, params["invoice_metadata"])
        invoice = books.update(invoice, metadata=after)
    return resummed(books, invoice, lines)


def remove_lines(books: Books, given: Params, invoice_id: str) -> Document:
    """Take lines off a draft; their items go too, or wait again."""
    removal = group({"id!": text(), "behavior!": choice("delete", "unassign")})
    params = checked(
        given, {**EXPAND, "lines!": several(removal), "invoice_metadata": metadata}
    )
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] != "draft":
        raise not_editable("lines")
    lines = {each["id"]: each for each in invoice["lines"]["data"]}
    for place, each in enumerate(params["lines"]):
        if not each or each["id"] not in lines:
            shown = each["id"] if each else ""
            raise missing("line item", shown, f"lines[{place}][id]")
        item_id = source_of(lines.pop(each["id"]))
        item = books.get("invoiceitem", item_id) if item_id else None
        if item and each["behavior"] == "delete":
            books.delete(item)
        elif item:
            books.update(item, invoice=None)
    return _with(books, invoice, list(lines.values()), params)


def update_line(books: Books, given: Params, invoice_id: str, line_id: str) -> Document:
    """Change one line of a draft."""
    params = checked(given, {**EXPAND, **ITEM})
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] != "draft":
        raise not_editable("lines")
    lines = invoice["lines"]["data"]
    line = next((each for each in lines if each["id"] == line_id), None)
    if line is None:
        raise missing("line item", line_id)
    fields: Document = {
        name: params[name]
        for name in ("description", "discountable", "period")
        if params.get(name) is not None
    }
    if "metadata" in params:
        fields["metadata"] = merged(line["metadata"], params["metadata"])
    if {"amount", "pricing", "price_data", "unit_amount_decimal", "quantity"} & set(
        params
    ):
        value = _revalued(books, line, params)
        del value["net_amount"]
        fields |= value | {"subtotal": value["amount"]}
    after = [{**each, **fields} if each is line else each for each in lines]
    changed = resummed(books, invoice, after)["lines"]["data"]
    return dict(next(each for each in changed if each["id"] == line_id))
