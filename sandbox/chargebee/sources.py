"""Chargebee's payment sources: cards at the test gateway."""

from collections.abc import Mapping

from sandbox.chargebee.desk import CARDS, SYSTEM, Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.shapes import wrong
from sandbox.journal import Document

GATEWAY = "chargebee"  # the name of the test gateway
GATEWAY_ACCOUNT = "gw_concord"
# The test gateway's card that is always refused; the number is believed, not seen.
DECLINED_NUMBER = "4119862760338320"
_BRANDS = {"3": "american_express", "4": "visa", "5": "mastercard", "6": "discover"}
_CARD = (
    "first_name",
    "last_name",
    "number",
    "expiry_month",
    "expiry_year",
    "cvv",
    "gateway_account_id",
    "billing_addr1",
    "billing_addr2",
    "billing_city",
    "billing_state_code",
    "billing_state",
    "billing_zip",
    "billing_country",
)


def is_declined(source: Document) -> bool:
    """Say whether the gateway refuses this source's money."""
    card = source.get("card", {})
    return bool(
        card.get("iin") == DECLINED_NUMBER[:6]
        and card.get("last4") == DECLINED_NUMBER[-4:]
    )


def primary_source(desk: Desk, customer: Document) -> Document | None:
    """Return the source that a customer's invoices are collected from."""
    source_id = customer.get("primary_payment_source_id")
    source = desk.held("payment_source").get(source_id) if source_id else None
    return None if source is None or source.get("deleted") else source


def add_card(desk: Desk, customer: Document, form: Form, *, primary: bool) -> Document:
    """Add a card to a customer; return the payment source."""
    form.only(*_CARD)
    number = form.required("number").replace(" ", "").replace("-", "")
    if not (number.isascii() and number.isdecimal() and 12 <= len(number) <= 19):
        raise wrong(form.param("number"), "is not a card number")
    if not _checks(number):
        raise wrong(form.param("number"), "is not a card number")
    month = form.whole("expiry_month", 1, 12)
    year = form.whole("expiry_year", 2000, 2099)
    if month is None or year is None:
        raise wrong(form.param("expiry_month"), "cannot be blank")
    texts = [name for name in _CARD if name.startswith(("first", "last", "billing"))]
    now = desk.now
    card = {
        **{name: form.text(name, 150) for name in texts},
        "iin": number[:6],
        "last4": number[-4:],
        "brand": _BRANDS.get(number[0], "other"),
        "funding_type": "credit",
        "expiry_month": month,
        "expiry_year": year,
        "masked_number": "*" * (len(number) - 4) + number[-4:],
        "object": "card",
    }
    source = desk.save(
        "payment_source",
        {
            "id": desk.made("pm_"),
            "customer_id": customer["id"],
            "type": "card",
            "status": "valid",
            "reference_id": desk.made("tok_"),
            "gateway": GATEWAY,
            "gateway_account_id": GATEWAY_ACCOUNT,
            "created_at": now,
            "card": {key: each for key, each in card.items() if each is not None},
            "deleted": False,
            "object": "payment_source",
        },
    )
    if primary or not customer.get("primary_payment_source_id"):
        use(desk, desk.get("customer", customer["id"]), source)
    return source


def use(desk: Desk, customer: Document, source: Document) -> Document:
    """Make a source the customer's first; return the customer."""
    shown = card_of(source)
    desk.store.keep(SYSTEM, CARDS, {"id": customer["id"], **shown})
    customer |= {
        "primary_payment_source_id": source["id"],
        "card_status": "valid",
        "payment_method": {
            "object": "payment_method",
            "type": "card",
            "reference_id": source["reference_id"],
            "gateway": source["gateway"],
            "gateway_account_id": source["gateway_account_id"],
            "status": "valid",
        },
    }
    return desk.save("customer", customer)


def card_of(source: Document) -> Document:
    """Return the card of a source as the resource `card`."""
    inner = {**source["card"]}
    inner["card_type"] = inner.pop("brand")
    return {
        **inner,
        "status": "valid",
        "gateway": source["gateway"],
        "gateway_account_id": source["gateway_account_id"],
        "created_at": source["created_at"],
        "updated_at": source["updated_at"],
        "resource_version": source["resource_version"],
        "customer_id": source["customer_id"],
        "payment_source_id": source["id"],
    }


def drop_source(desk: Desk, source: Document) -> Document:
    """Mark a source as deleted; its customer has no card any more."""
    customer = desk.held("customer").get(source["customer_id"])
    if customer and customer.get("primary_payment_source_id") == source["id"]:
        customer |= {"primary_payment_source_id": None, "payment_method": None}
        desk.save("customer", customer | {"card_status": "no_card"})
        desk.store.drop(SYSTEM, CARDS, customer["id"])
    return desk.save("payment_source", source | {"deleted": True})


def create_card(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Add a card to a customer."""
    form.only("customer_id", "card", "replace_primary_payment_source")
    customer = desk.get("customer", form.required("customer_id"), "customer_id")
    primary = form.flag("replace_primary_payment_source")
    source = add_card(desk, customer, form.group("card"), primary=primary)
    return {
        "customer": desk.get("customer", customer["id"]),
        "payment_source": source,
    }


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one payment source."""
    form.only()
    return {"payment_source": desk.get("payment_source", ids["id"])}


def retrieve_card(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return the card of a payment source."""
    form.only()
    return {"card": card_of(desk.get("payment_source", ids["id"]))}


def delete(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Delete a payment source."""
    form.only()
    source = desk.get("payment_source", ids["id"])
    dropped = drop_source(desk, source)
    customer = desk.get("customer", source["customer_id"])
    return {"customer": customer, "payment_source": dropped}


def assign_role(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Make a source of the customer its first one."""
    form.only("payment_source_id", "role")
    customer = desk.get("customer", ids["id"])
    wanted = form.required("payment_source_id")
    source = desk.get("payment_source", wanted, "payment_source_id")
    if source["customer_id"] != customer["id"]:
        raise wrong("payment_source_id", "belongs to another customer")
    if form.choice("role", ("primary", "backup", "none"), "primary") == "primary":
        customer = use(desk, customer, source)
    return {"customer": customer, "payment_source": source}


def _checks(number: str) -> bool:
    """Say whether the last digit is the one that Luhn's formula wants."""
    digits = [int(each) for each in reversed(number)]
    doubled = [sum(divmod(2 * each, 10)) for each in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
