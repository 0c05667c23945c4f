"""Chargebee's usages, unbilled charges and comments."""

import re
from collections.abc import Mapping

from sandbox.chargebee.collecting import autocollect
from sandbox.chargebee.desk import SYSTEM, Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.invoices import charge_lines
from sandbox.chargebee.invoicing import issue
from sandbox.chargebee.shapes import impossible, missing, wrong
from sandbox.chargebee.terms import wait, waiting_line
from sandbox.journal import Document

# A subscription has no more usages than that in its life: the vendor's documentation.
MOST_USAGES = 5_000
COMMENTED = (
    "customer",
    "subscription",
    "invoice",
    "quote",
    "credit_note",
    "transaction",
    "item_family",
    "item",
    "item_price",
    "coupon",
)


def add(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Write down what a subscription used of a metered item on a day."""
    form.only("id", "item_price_id", "quantity", "usage_date", "note", "dedupe_option")
    subscription = desk.get("subscription", ids["id"])
    price_id = form.required("item_price_id")
    item = next(
        (
            each
            for each in subscription["subscription_items"]
            if each["item_price_id"] == price_id
        ),
        None,
    )
    if item is None or "metered_quantity" not in item:
        raise wrong("item_price_id", f"{price_id} is not metered in {ids['id']}")
    quantity = form.required("quantity", 20)
    if not re.fullmatch(r"[0-9]{1,15}", quantity):
        raise wrong("quantity", "should be a number of whole units")
    used_at = form.instant("usage_date")
    if used_at is None:
        raise wrong("usage_date", "cannot be blank")
    if used_at > desk.now:
        raise wrong("usage_date", "should not be in the future")
    found = desk.of("usage", "subscription_id", subscription["id"])
    if len(found) >= MOST_USAGES:
        raise impossible(f"Subscription {ids['id']} has {MOST_USAGES} usages already.")
    same = [
        each
        for each in found
        if each["item_price_id"] == price_id and each["usage_date"] == used_at
    ]
    identity = form.identity()
    if same and form.choice("dedupe_option", ("skip", "update_existing")) is None:
        raise wrong("usage_date", "there is a usage of that moment already")
    if same:
        if form.text("dedupe_option") == "skip":
            return {"usage": same[0]}
        return {"usage": desk.save("usage", same[0] | {"quantity": quantity})}
    usage = {
        "id": desk.claim("usage", identity),
        "usage_date": used_at,
        "subscription_id": subscription["id"],
        "item_price_id": price_id,
        "quantity": quantity,
        "source": "api",
        "note": form.text("note", 500),
        "created_at": desk.now,
        "object": "usage",
    }
    return {"usage": desk.save("usage", usage)}


def _usage(desk: Desk, form: Form, ids: Mapping[str, str]) -> Document:
    form.only("id")
    wanted = form.required("id")
    desk.get("subscription", ids["id"])
    found = desk.get("usage", wanted, "id")
    if found["subscription_id"] != ids["id"]:
        raise missing(wanted, "id")
    return found


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one usage of a subscription."""
    return {"usage": _usage(desk, form, ids)}


def delete(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Take a usage away that was not invoiced yet."""
    usage = _usage(desk, form, ids)
    if "line_item_id" in usage:
        raise impossible(f"Usage {usage['id']} was invoiced already.")
    _take_away(desk, "usage", usage["id"])
    return {"usage": usage}


def _take_away(desk: Desk, name: str, record_id: str) -> None:
    desk.store.delete(
        SYSTEM, name, record_id, actor=desk.actor, request_id=desk.request_id
    )


def add_charges(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Let charges wait for the subscription's next invoice."""
    form.only("subscription_id", "currency_code", "item_prices", "charges")
    wanted = form.required("subscription_id")
    subscription = desk.get("subscription", wanted, "subscription_id")
    owner = (subscription["customer_id"], subscription["id"])
    lines = charge_lines(desk, form, owner, subscription["currency_code"])
    if not lines:
        raise wrong("item_prices[item_price_id][0]", "cannot be blank")
    return {"unbilled_charges": [wait(desk, subscription, each) for each in lines]}


def delete_charge(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Mark an unbilled charge as deleted."""
    form.only()
    waiting = desk.get("unbilled_charge", ids["id"])
    deleted = desk.save("unbilled_charge", waiting | {"deleted": True})
    return {"unbilled_charge": deleted}


def invoice_charges(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Invoice what waits of a subscription or of all of a customer's."""
    form.only("subscription_id", "customer_id")
    field = "subscription_id" if form.has("subscription_id") else "customer_id"
    wanted = form.required(field)
    owner = desk.get(field.removesuffix("_id"), wanted, field)
    customer = desk.get("customer", str(owner.get("customer_id", owner["id"])))
    waiting = desk.of("unbilled_charge", field, wanted)
    if not waiting:
        raise impossible(f"{wanted} has no unbilled charges.")
    groups: dict[tuple[str, str], list[Document]] = {}
    for each in waiting:
        key = (each["subscription_id"], each["currency_code"])
        groups.setdefault(key, []).append(waiting_line(each))
        _take_away(desk, "unbilled_charge", each["id"])
    invoices = [
        issue(desk, customer, lines, code, subscription_id=subscription_id)
        for (subscription_id, code), lines in groups.items()
    ]
    return {"invoices": [autocollect(desk, customer, each)[0] for each in invoices]}


def comment(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Add a comment to a record."""
    form.only("entity_type", "entity_id", "notes", "added_by")
    kind = form.choice("entity_type", COMMENTED)
    if kind is None:
        raise wrong("entity_type", "cannot be blank")
    entity = form.required("entity_id")
    desk.get(kind, entity, "entity_id")
    made = {
        "id": desk.made("cmt_"),
        "entity_type": kind,
        "entity_id": entity,
        "notes": form.required("notes", 1000),
        "added_by": form.text("added_by", 100) or "api",
        "created_at": desk.now,
        "type": "user",
        "object": "comment",
    }
    return {"comment": desk.save("comment", made)}


def retrieve_comment(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one comment."""
    form.only()
    return {"comment": desk.get("comment", ids["id"])}


def delete_comment(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Take a comment away."""
    form.only()
    found = desk.get("comment", ids["id"])
    _take_away(desk, "comment", found["id"])
    return {"comment": found}
