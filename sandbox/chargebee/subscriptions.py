"""Chargebee's subscriptions: made from items, and changed with proration."""

from collections.abc import Mapping
from typing import Any

from sandbox.chargebee.coupons import redeem
from sandbox.chargebee.customers import AUTO_COLLECTION, address, custom, told
from sandbox.chargebee.desk import SYSTEM, Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.items import checked, chosen
from sandbox.chargebee.pricing import anchor_of, later
from sandbox.chargebee.shapes import declined, impossible, wrong
from sandbox.chargebee.terms import bill, changed, described
from sandbox.journal import Document
from sandbox.wire import Refusal

CHANGES = "_scheduled_change"  # papers: what a subscription becomes at its next term
_OWN = (
    "subscription_items",
    "coupon_ids",
    "auto_collection",
    "po_number",
    "net_term_days",
    "billing_cycles",
    "shipping_address",
    "meta_data",
    "invoice_notes",
    "invoice_immediately",
)


def shown(desk: Desk, subscription: Document, **others: Any) -> dict[str, Any]:
    """Return a subscription as answers show it, with its customer and card."""
    customer = desk.held("customer").get(subscription["customer_id"]) or {}
    answer: dict[str, Any] = {"subscription": subscription, **told(desk, customer)}
    return answer | {name: each for name, each in others.items() if each}


def _settings(form: Form) -> Document:
    fields: Document = {}
    for name, longest in (("po_number", 100), ("invoice_notes", 2000)):
        if form.has(name):
            fields[name] = form.text(name, longest)
    if form.has("auto_collection"):
        fields["auto_collection"] = form.choice("auto_collection", AUTO_COLLECTION)
    if form.has("net_term_days"):
        fields["net_term_days"] = form.whole("net_term_days", 0, 365)
    if form.has("billing_cycles"):
        fields["remaining_billing_cycles"] = form.whole("billing_cycles", 1, 500)
    if form.has("meta_data"):
        fields["meta_data"] = form.json("meta_data")
    delivered = address(form, "shipping_address", "shipping_address")
    if delivered is not None:
        fields["shipping_address"] = delivered
    return fields | custom(form)


def create(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Create a subscription; its first term is invoiced at once, unless it waits."""
    form.only("id", *_OWN, "start_date", "trial_end", custom=True)
    customer = desk.get("customer", ids["id"])
    identity = desk.claim("subscription", form.identity())
    items = chosen(desk, form)
    plan = checked(desk, items)
    now = desk.now
    start = form.instant("start_date") or now
    trial_end = form.instant("trial_end")
    if trial_end is None and plan.get("trial_period"):
        unit = plan.get("trial_period_unit", "day")
        trial_end = later(start, plan["trial_period"], unit, anchor_of(start))
    if trial_end is not None and trial_end <= start:
        trial_end = None
    status = "future" if start > now else "in_trial" if trial_end else "active"
    subscription: Document = {
        "id": identity,
        "customer_id": customer["id"],
        "status": status,
        "billing_period": plan["period"],
        "billing_period_unit": plan["period_unit"],
        "currency_code": plan["currency_code"],
        "base_currency_code": "USD",
        "start_date": start if status == "future" else None,
        "trial_start": start if trial_end else None,
        "trial_end": trial_end,
        "created_at": now,
        "started_at": None if status == "future" else start,
        "subscription_items": items,
        "coupons": [
            redeem(desk, coupon_id, f"coupon_ids[{place}]", now)
            for place, coupon_id in enumerate(form.strings("coupon_ids"))
        ],
        "has_scheduled_changes": False,
        "has_scheduled_advance_invoices": False,
        "create_pending_invoices": False,
        "auto_close_invoices": True,
        "channel": "web",
        "deleted": False,
        "object": "subscription",
        **_settings(form),
    }
    if status == "future":
        subscription["next_billing_at"] = start
    elif status == "in_trial":
        subscription["next_billing_at"] = trial_end
        subscription |= {"current_term_start": start, "current_term_end": trial_end}
    saved = desk.save("subscription", described(subscription))
    if status != "active":
        return shown(desk, saved)
    later_on = not form.flag("invoice_immediately", default=True)
    saved, invoice = bill(desk, saved, start, unbilled=later_on)
    _refuse_unpaid(desk, customer, invoice)
    return shown(desk, saved, invoice=invoice)


def _refuse_unpaid(desk: Desk, customer: Document, invoice: Document | None) -> None:
    """Refuse a subscription whose first payment failed; nothing of it stays."""
    if invoice is None or invoice.get("dunning_status") != "in_progress":
        return
    sentence = "Problem while adding the subscription: the card was declined."
    if desk.get("customer", customer["id"])["auto_collection"] == "on":
        raise Refusal(declined(sentence))


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one subscription."""
    form.only()
    return shown(desk, desk.get("subscription", ids["id"]))


def retrieve_scheduled(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return a subscription as it will be once its scheduled changes apply."""
    form.only()
    subscription = desk.get("subscription", ids["id"])
    paper = desk.held(CHANGES).get(ids["id"])
    if paper is None:
        raise impossible(f"Subscription {ids['id']} has no scheduled changes.")
    return shown(desk, described(subscription | paper["fields"]))


def update(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Change a subscription's items or settings, now or at the end of the term."""
    form.only(
        *_OWN,
        *("replace_items_list", "prorate", "end_of_term", "change_option"),
        *("replace_coupon_list", "trial_end"),
        custom=True,
    )
    before = desk.get("subscription", ids["id"])
    if before["status"] in {"cancelled", "paused"}:
        raise impossible(f"Subscription {ids['id']} is {before['status']}.")
    fields = _settings(form)
    items = _merged(desk, form, before)
    if items is not None:
        plan = checked(desk, items)
        if plan["currency_code"] != before["currency_code"]:
            raise wrong("subscription_items[item_price_id][0]", "another currency")
        fields |= {
            "subscription_items": items,
            "billing_period": plan["period"],
            "billing_period_unit": plan["period_unit"],
        }
    coupons = form.strings("coupon_ids")
    if coupons:
        kept = [] if form.flag("replace_coupon_list") else before.get("coupons", [])
        fields["coupons"] = kept + [
            redeem(desk, coupon_id, f"coupon_ids[{place}]", desk.now)
            for place, coupon_id in enumerate(coupons)
        ]
    if form.has("trial_end"):
        fields |= _trial(form, before)
    option = form.choice("change_option", ("immediately", "end_of_term"))
    if option == "end_of_term" or form.flag("end_of_term"):
        desk.store.keep(SYSTEM, CHANGES, {"id": before["id"], "fields": fields})
        before |= {"has_scheduled_changes": True}
        before |= {"changes_scheduled_at": before.get("current_term_end")}
        return shown(desk, desk.save("subscription", before))
    saved, invoice, notes = changed(
        desk,
        before,
        fields,
        prorate=form.flag("prorate", default=True),
        unbilled=not form.flag("invoice_immediately", default=True),
    )
    customer = desk.get("customer", saved["customer_id"])
    _refuse_unpaid(desk, customer, invoice)
    return shown(desk, saved, invoice=invoice, credit_notes=notes)


def _trial(form: Form, before: Document) -> Document:
    end = form.instant("trial_end")
    if before["status"] not in {"in_trial", "future"} or not end:
        raise impossible(f"Subscription {before['id']} is not in trial.")
    fields: Document = {"trial_end": end}
    if before["status"] == "in_trial":
        fields |= {"current_term_end": end, "next_billing_at": end}
    return fields


def _merged(desk: Desk, form: Form, before: Document) -> list[Document] | None:
    """Return the items after the change; None if the form names none."""
    given = chosen(desk, form)
    if not given:
        return None
    if form.flag("replace_items_list"):
        return given
    plan = any(each["item_type"] == "plan" for each in given)
    named = {each["item_price_id"] for each in given}
    kept = [
        each
        for each in before["subscription_items"]
        if each["item_price_id"] not in named
        and not (plan and each["item_type"] == "plan")
    ]
    return sorted(
        [*kept, *given],
        key=lambda each: ("plan", "addon", "charge").index(each["item_type"]),
    )


def remove_changes(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Forget the scheduled changes."""
    form.only()
    subscription = desk.get("subscription", ids["id"])
    if not subscription["has_scheduled_changes"]:
        raise impossible(f"Subscription {ids['id']} has no scheduled changes.")
    desk.store.drop(SYSTEM, CHANGES, ids["id"])
    subscription |= {"has_scheduled_changes": False, "changes_scheduled_at": None}
    return shown(desk, desk.save("subscription", subscription))


def delete(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Mark a subscription as deleted."""
    form.only()
    subscription = desk.get("subscription", ids["id"])
    deleted = desk.save("subscription", subscription | {"deleted": True})
    return shown(desk, deleted)
