"""Chargebee's invoices: made for charges, paid, refunded, written off, voided."""

from collections.abc import Mapping

from sandbox.chargebee.collecting import autocollect
from sandbox.chargebee.customers import currency
from sandbox.chargebee.desk import Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.invoicing import issue, line, settled
from sandbox.chargebee.notes import (
    credit,
)
from sandbox.chargebee.pricing import cost
from sandbox.chargebee.settlements import still_open
from sandbox.chargebee.shapes import impossible, wrong
from sandbox.journal import Document

MOST_UNITS = 10**9


def charge_lines(
    desk: Desk, form: Form, owner: tuple[str, str | None], code: str
) -> list[Document]:
    """Return the lines for the charge items and the free charges of a form."""
    lines = [priced_line(desk, row, owner, code) for row in form.rows("item_prices")]
    for row in form.rows("charges"):
        row.only("amount", "description", "date_from", "date_to")
        amount = row.whole("amount", 1)
        if amount is None:
            raise wrong(row.param("amount"), "cannot be blank")
        lines.append(
            line(
                desk,
                amount=amount,
                quantity=1,
                unit=amount,
                dates=_dates(desk, row),
                entity=("adhoc", None),
                description=row.required("description"),
                owner=owner,
            )
        )
    return lines


def _dates(desk: Desk, row: Form) -> tuple[int, int]:
    start = row.instant("date_from") or desk.now
    end = row.instant("date_to") or start
    if end < start:
        raise wrong(row.param("date_to"), "should not be before date_from")
    return start, end


def priced_line(
    desk: Desk, row: Form, owner: tuple[str, str | None], code: str
) -> Document:
    """Return the line for a row that names the price of a charge item."""
    row.only("item_price_id", "quantity", "unit_price", "date_from", "date_to")
    param = row.param("item_price_id")
    price = desk.get("item_price", row.required("item_price_id"), param)
    if price["item_type"] != "charge":
        raise wrong(param, "is not the price of a charge item")
    if price["currency_code"] != code:
        raise wrong(param, f"is not in {code}")
    quantity = row.whole("quantity", 1, MOST_UNITS, default=1) or 1
    own = row.whole("unit_price")
    amount = cost(price, quantity, own)
    return line(
        desk,
        amount=amount,
        quantity=quantity,
        unit=price.get("price", amount // quantity) if own is None else own,
        dates=_dates(desk, row),
        entity=("charge_item_price", price["id"]),
        description=str(price.get("external_name", price["name"])),
        owner=owner,
        model=price["pricing_model"],
    )


def create(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Make an invoice for charge items and free charges."""
    form.only(
        *("customer_id", "subscription_id", "currency_code", "item_prices", "charges"),
        *("coupon_ids", "coupon", "po_number", "auto_collection", "net_term_days"),
        *("invoice_date"),
    )
    customer, owner, code = _payer(desk, form)
    lines = charge_lines(desk, form, owner, code)
    if not lines:
        raise wrong("item_prices[item_price_id][0]", "cannot be blank")
    coupons = [*form.strings("coupon_ids"), form.text("coupon") or ""]
    coupons = [each for each in coupons if each]
    for coupon_id in coupons:
        desk.get("coupon", coupon_id, "coupon_ids")
    invoice = issue(
        desk,
        customer,
        lines,
        code,
        subscription_id=owner[1],
        coupons=coupons,
        recurring=False,
        date=form.instant("invoice_date"),
        po_number=form.text("po_number", 100),
        net_term_days=form.whole("net_term_days", 0, 365),
    )
    if form.choice("auto_collection", ("on", "off")) == "off":
        return {"invoice": invoice}
    return {"invoice": autocollect(desk, customer, invoice)[0]}


def create_for_item(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Make an invoice for a single charge item."""
    form.only(
        *("customer_id", "subscription_id", "item_price", "po_number", "coupon"),
        "invoice_date",
    )
    row = {
        f"item_prices[{name}][0]": value
        for name, value in form.group("item_price").pairs.items()
    }
    others = {
        name: value
        for name, value in form.pairs.items()
        if not name.startswith("item_price[")
    }
    return create(desk, Form(others | row), ids)


def _payer(desk: Desk, form: Form) -> tuple[Document, tuple[str, str | None], str]:
    """Return the customer, the owner of lines and the currency."""
    subscription_id = form.text("subscription_id")
    if subscription_id is not None:
        subscription = desk.get("subscription", subscription_id, "subscription_id")
        customer = desk.get("customer", subscription["customer_id"])
        owner = (customer["id"], subscription_id)
        return customer, owner, subscription["currency_code"]
    customer = desk.get("customer", form.required("customer_id"), "customer_id")
    code = currency(form, "currency_code") or customer.get("preferred_currency_code")
    return customer, (customer["id"], None), code or "USD"


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one invoice."""
    form.only()
    return {"invoice": desk.get("invoice", ids["id"])}


def write_off(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Give up what is due."""
    form.only("comment")
    invoice = still_open(desk, ids["id"])
    due = invoice["amount_due"]
    invoice, note = credit(desk, invoice, "adjustment", due, "write_off")
    return {"invoice": invoice, "credit_note": note}


def void(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Void an invoice on which nothing was paid or credited."""
    form.only("comment", "void_reason_code")
    invoice = desk.get("invoice", ids["id"])
    used = invoice["amount_paid"] or invoice["credits_applied"]
    if invoice["status"] == "voided" or used or invoice["amount_adjusted"]:
        raise impossible(f"Invoice {invoice['id']} cannot be voided.")
    reason = form.text("void_reason_code", 100)
    invoice |= {"status": "voided", "voided_at": desk.now, "void_reason_code": reason}
    invoice |= {"next_retry_at": None, "dunning_status": None, "paid_at": None}
    return {"invoice": desk.save("invoice", settled(desk, invoice))}


def stop_dunning(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Try no more to collect the invoice."""
    form.only("comment")
    invoice = still_open(desk, ids["id"])
    if invoice.get("dunning_status") != "in_progress":
        raise impossible(f"Invoice {invoice['id']} is not in dunning.")
    invoice |= {"dunning_status": "stopped", "next_retry_at": None}
    return {"invoice": desk.save("invoice", settled(desk, invoice))}


def delete(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Mark an invoice as deleted."""
    form.only("comment", "claim_credits")
    invoice = desk.get("invoice", ids["id"])
    return {"invoice": desk.save("invoice", invoice | {"deleted": True})}
