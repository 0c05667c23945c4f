"""Chargebee's customers: who is billed, where, and with which card."""

from collections.abc import Mapping
from functools import partial

from starlette.responses import Response

from sandbox.chargebee.desk import CARDS, Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.kinds import KINDS
from sandbox.chargebee.lists import page
from sandbox.chargebee.shapes import wrong
from sandbox.chargebee.sources import add_card, drop_source
from sandbox.journal import Document

AUTO_COLLECTION = ("on", "off")
TAXABILITY = ("taxable", "exempt")
OFFLINE = ("no_preference", "cash", "check", "bank_transfer", "ach_credit", "boleto")
MOST_NET_DAYS = 365
ADDRESS = (
    "first_name",
    "last_name",
    "email",
    "company",
    "phone",
    "line1",
    "line2",
    "line3",
    "city",
    "state_code",
    "state",
    "zip",
    "country",
    "validation_status",
)
_TEXTS = {
    "first_name": 150,
    "last_name": 150,
    "company": 250,
    "phone": 50,
    "vat_number": 20,
    "locale": 50,
    "invoice_notes": 2000,
    "business_entity_id": 50,
    "created_from_ip": 50,
}
_OWN = (
    *_TEXTS,
    "email",
    "preferred_currency_code",
    "auto_collection",
    "net_term_days",
    "taxability",
    "allow_direct_debit",
    "auto_close_invoices",
    "consolidated_invoicing",
    "offline_payment_method",
    "meta_data",
)
# What goes with a customer when it is deleted.
_BELONGING = (
    "subscription",
    "payment_source",
    "invoice",
    "credit_note",
    "transaction",
    "unbilled_charge",
)


def told(desk: Desk, customer: Document) -> dict[str, Document]:
    """Return a customer as answers show it: with its card, if it has one."""
    shown = {"customer": customer}
    card = desk.held(CARDS).get(customer["id"])
    if card is not None:
        del card["id"]
        shown["card"] = card
    return shown


def address(form: Form, name: str, kind: str) -> Document | None:
    """Return an address that the form holds under a name."""
    inner = form.group(name)
    inner.only(*ADDRESS)
    fields = {each: inner.text(each, 150) for each in ADDRESS if inner.has(each)}
    country = fields.get("country")
    if country is not None and not (len(country) == 2 and country.isalpha()):
        raise wrong(inner.param("country"), "should be a code of ISO 3166 alpha-2")
    fields = {key: value for key, value in fields.items() if value is not None}
    if not fields:
        return None
    return {"validation_status": "not_validated", **fields, "object": kind}


def _fields(form: Form) -> Document:
    """Return the fields that the form sets; None clears one."""
    flags = ("allow_direct_debit", "auto_close_invoices", "consolidated_invoicing")
    fields = form.given(
        {
            **{name: partial(form.text, longest=most) for name, most in _TEXTS.items()},
            **dict.fromkeys(flags, form.flag),
            "email": form.email,
            "preferred_currency_code": lambda name: currency(form, name),
            "auto_collection": lambda name: form.choice(name, AUTO_COLLECTION, "on"),
            "taxability": lambda name: form.choice(name, TAXABILITY, "taxable"),
            "offline_payment_method": lambda name: form.choice(name, OFFLINE),
            "net_term_days": lambda name: form.whole(name, 0, MOST_NET_DAYS) or 0,
            "meta_data": form.json,
        }
    )
    return fields | custom(form)


def custom(form: Form) -> Document:
    """Return the custom fields that the form sets."""
    return {name: form.text(name, 500) for name in form.pairs if name.startswith("cf_")}


def currency(form: Form, name: str) -> str | None:
    """Return the code of a currency."""
    code = form.text(name, 3)
    if code is not None and not (len(code) == 3 and code.isalpha() and code.isupper()):
        raise wrong(form.param(name), "should be a code of ISO 4217")
    return code


def create(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Create a customer."""
    form.only("id", *_OWN, "billing_address", "card", custom=True)
    identity = desk.claim("customer", form.identity())
    now = desk.now
    customer = {
        "id": identity,
        "auto_collection": "on",
        "net_term_days": 0,
        "allow_direct_debit": False,
        "created_at": now,
        "taxability": "taxable",
        "pii_cleared": "active",
        "channel": "web",
        "card_status": "no_card",
        "promotional_credits": 0,
        "refundable_credits": 0,
        "excess_payments": 0,
        "unbilled_charges": 0,
        "deleted": False,
        "object": "customer",
        **_fields(form),
        "billing_address": address(form, "billing_address", "billing_address"),
    }
    saved = desk.save("customer", customer)
    if form.group("card").pairs:
        add_card(desk, saved, form.group("card"), primary=True)
        saved = desk.get("customer", identity)
    return told(desk, saved)


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one customer."""
    form.only()
    return told(desk, desk.get("customer", ids["id"]))


def update(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Change a customer; the billing address has an operation of its own."""
    form.only(*_OWN, custom=True)
    customer = desk.get("customer", ids["id"])
    return told(desk, desk.save("customer", customer | _fields(form)))


def update_billing_info(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Replace the billing address, and the VAT number if it is given."""
    form.only("billing_address", "vat_number")
    customer = desk.get("customer", ids["id"])
    customer["billing_address"] = address(form, "billing_address", "billing_address")
    if form.has("vat_number"):
        customer["vat_number"] = form.text("vat_number", 20)
    return told(desk, desk.save("customer", customer))


def delete(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Mark a customer, and all that belongs to it, as deleted."""
    form.only("delete_payment_method")
    customer = desk.get("customer", ids["id"])
    shown = told(desk, customer)
    for source in desk.of("payment_source", "customer_id", customer["id"]):
        drop_source(desk, source)
    for name in _BELONGING:
        for record in desk.of(name, "customer_id", customer["id"]):
            desk.save(name, record | {"deleted": True})
    customer = desk.get("customer", ids["id"])
    return shown | {"customer": desk.save("customer", customer | {"deleted": True})}


def listed(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Response:
    """List customers."""
    return page(desk, form, KINDS["customer"])
