"""Chargebee's transactions: money that came in or was given back."""

from collections.abc import Mapping

from sandbox.chargebee.desk import Answer, Desk
from sandbox.chargebee.forms import Form


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one transaction."""
    form.only()
    return {"transaction": desk.get("transaction", ids["id"])}


def for_invoice(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """List what was paid on an invoice, failures included."""
    form.only("limit", "offset")
    invoice = desk.get("invoice", ids["id"])
    found = [
        desk.held("transaction").get(each["txn_id"])
        for each in invoice["linked_payments"]
    ]
    return {"list": [{"transaction": each} for each in found if each is not None]}
