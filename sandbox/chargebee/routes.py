"""Chargebee's operations: which path and method leads to which of them."""

from functools import partial

from sandbox.chargebee import (
    catalogue,
    coupons,
    customers,
    endings,
    endpoints,
    events,
    invoices,
    notes,
    payments,
    settlements,
    sources,
    subscriptions,
    time_machine,
    usages,
)
from sandbox.chargebee.desk import Handler
from sandbox.chargebee.kinds import KINDS
from sandbox.chargebee.lists import lister

_CATALOGUE = ("item_family", "item", "item_price", "coupon")

GET: dict[str, Handler] = {
    **{f"/{kind.plural}": lister(name) for name, kind in KINDS.items()},
    **{
        f"/{KINDS[name].plural}/{{id}}": partial(catalogue.retrieve, kind=name)
        for name in _CATALOGUE
    },
    "/customers/{id}": customers.retrieve,
    "/customers/{id}/subscriptions": lister("subscription", customer_id="id"),
    "/customers/{id}/invoices": lister("invoice", customer_id="id"),
    "/customers/{id}/credit_notes": lister("credit_note", customer_id="id"),
    "/customers/{id}/transactions": lister("transaction", customer_id="id"),
    "/subscriptions/{id}": subscriptions.retrieve,
    "/subscriptions/{id}/invoices": lister("invoice", subscription_id="id"),
    "/subscriptions/{id}/transactions": lister("transaction", subscription_id="id"),
    "/subscriptions/{id}/usages": usages.retrieve,
    "/subscriptions/{id}/retrieve_with_scheduled_changes": (
        subscriptions.retrieve_scheduled
    ),
    "/invoices/{id}": invoices.retrieve,
    "/credit_notes/{id}": notes.retrieve,
    "/transactions/{id}": payments.retrieve,
    "/invoices/{id}/payments": payments.for_invoice,
    "/payment_sources/{id}": sources.retrieve,
    "/cards/{id}": sources.retrieve_card,
    "/comments/{id}": usages.retrieve_comment,
    "/events/{id}": events.retrieve,
    "/webhook_endpoints/{id}": endpoints.retrieve,
    "/time_machines/{id}": time_machine.retrieve,
}
POST: dict[str, Handler] = {
    "/customers": customers.create,
    "/customers/{id}": customers.update,
    "/customers/{id}/update_billing_info": customers.update_billing_info,
    "/customers/{id}/delete": customers.delete,
    "/customers/{id}/assign_payment_role": sources.assign_role,
    "/customers/{id}/subscription_for_items": subscriptions.create,
    "/item_families": catalogue.create_family,
    "/item_families/{id}": catalogue.update_family,
    "/items": catalogue.create_item,
    "/items/{id}": catalogue.update_item,
    "/item_prices": catalogue.create_price,
    "/item_prices/{id}": catalogue.update_price,
    **{
        f"/{KINDS[name].plural}/{{id}}/delete": partial(catalogue.delete, kind=name)
        for name in _CATALOGUE
    },
    "/coupons/create_for_items": coupons.create,
    "/coupons/{id}/update_for_items": coupons.update,
    "/subscriptions/{id}/update_for_items": subscriptions.update,
    "/subscriptions/{id}/remove_scheduled_changes": subscriptions.remove_changes,
    "/subscriptions/{id}/delete": subscriptions.delete,
    "/subscriptions/{id}/cancel_for_items": endings.cancel,
    "/subscriptions/{id}/remove_scheduled_cancellation": endings.remove_cancellation,
    "/subscriptions/{id}/reactivate": endings.reactivate,
    "/subscriptions/{id}/pause": endings.pause,
    "/subscriptions/{id}/remove_scheduled_pause": endings.remove_pause,
    "/subscriptions/{id}/resume": endings.resume,
    "/subscriptions/{id}/change_term_end": endings.change_term_end,
    "/subscriptions/{id}/usages": usages.add,
    "/subscriptions/{id}/delete_usage": usages.delete,
    "/invoices/create_for_charge_items_and_charges": invoices.create,
    "/invoices/create_for_charge_item": invoices.create_for_item,
    "/invoices/{id}/record_payment": settlements.record_payment,
    "/invoices/{id}/collect_payment": settlements.collect,
    "/invoices/{id}/refund": settlements.refund,
    "/invoices/{id}/record_refund": settlements.record_refund,
    "/invoices/{id}/write_off": invoices.write_off,
    "/invoices/{id}/void": invoices.void,
    "/invoices/{id}/stop_dunning": invoices.stop_dunning,
    "/invoices/{id}/delete": invoices.delete,
    "/credit_notes": notes.create,
    "/credit_notes/{id}/void": notes.void,
    "/credit_notes/{id}/refund": notes.refund,
    "/credit_notes/{id}/record_refund": notes.record_refund,
    "/payment_sources/create_card": sources.create_card,
    "/payment_sources/{id}/delete": sources.delete,
    "/unbilled_charges": usages.add_charges,
    "/unbilled_charges/invoice_unbilled_charges": usages.invoice_charges,
    "/unbilled_charges/{id}/delete": usages.delete_charge,
    "/comments": usages.comment,
    "/comments/{id}/delete": usages.delete_comment,
    "/webhook_endpoints": endpoints.create,
    "/webhook_endpoints/{id}": endpoints.update,
    "/webhook_endpoints/{id}/delete": endpoints.delete,
    "/time_machines/{id}/travel_forward": time_machine.travel_forward,
    "/time_machines/{id}/start_afresh": time_machine.start_afresh,
}
