"""Chargebee's own client through a subscription's life, money, and a webhook."""

import base64
import http.server
import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from chargebee import Chargebee

from tests.sandbox.chargebee.test_chargebee_client import (
    DAY,
    subscribed,
)

pytestmark = pytest.mark.judge("chargebee 3.29.0")


def test_a_subscription_s_life(client: Chargebee, served: Any) -> None:
    """Subscribes, upgrades with proration, pauses, resumes, travels, cancels."""
    carded = served.with_card()
    made = subscribed(client, carded)
    identity = made.subscription.id
    served.clock.advance(15 * DAY)
    rows = [{"item_price_id": "seats-month", "quantity": 2}]
    upgraded = client.Subscription.update_for_items(
        identity, {"subscription_items": rows}
    )
    client.Usage.create(
        identity,
        {
            "item_price_id": "calls-month",
            "quantity": "40",
            "usage_date": served.clock.seconds(),
        },
    )
    paused = client.Subscription.pause(identity, {"pause_option": "immediately"})
    resumed = client.Subscription.resume(identity, {"resume_option": "immediately"})
    client.env.time_travel_retry_delay_ms = 1
    journey = client.TimeMachine.travel_forward(
        "delorean", {"destination_time": served.clock.seconds() + 20 * DAY}
    )
    arrived = client.TimeMachine.wait_for_time_travel_completion(journey.time_machine)
    renewal = client.Invoice.list({"subscription_id": {"is": identity}}).list[0].invoice
    cancelled = client.Subscription.cancel_for_items(
        identity, {"credit_option_for_current_term_charges": "prorate"}
    )

    assert (made.subscription.status, made.invoice.total) == ("active", 3000)
    assert upgraded.invoice.total == 1000  # two seats for half a month
    assert (paused.subscription.status, resumed.subscription.status) == (
        "paused",
        "active",
    )
    assert arrived.time_machine.time_travel_status == "succeeded"
    assert (renewal.total, renewal.status) == (5080, "paid")
    assert cancelled.subscription.status == "cancelled"
    assert sum(each.total for each in cancelled.credit_notes) > 0


def test_money_moves(client: Chargebee) -> None:
    """Invoices a charge, records a payment, refunds, writes off, voids, credits."""
    charge = {
        "customer_id": "cust_00",
        "charges": [{"amount": 1000, "description": "Work"}],
    }

    def invoiced() -> Any:
        return client.Invoice.create_for_charge_items_and_charges(charge).invoice

    paid = client.Invoice.record_payment(
        invoiced().id, {"transaction": {"payment_method": "bank_transfer"}}
    )
    back = client.Invoice.record_refund(
        paid.invoice.id,
        {"transaction": {"payment_method": "check", "amount": 300, "date": 1}},
    )
    written = client.Invoice.write_off(invoiced().id)
    voided = client.Invoice.void_invoice(invoiced().id)
    note = client.CreditNote.create(
        {"reference_invoice_id": invoiced().id, "total": 100, "type": "adjustment"}
    )

    assert (paid.invoice.status, paid.transaction.amount) == ("paid", 1000)
    assert (back.credit_note.total, back.transaction.type) == (300, "refund")
    assert (written.invoice.status, written.credit_note.reason_code) == (
        "paid",
        "write_off",
    )
    assert voided.invoice.status == "voided"
    assert (note.credit_note.status, note.invoice.amount_due) == ("adjusted", 900)


Received = queue.Queue[tuple[str | None, bytes]]


@pytest.fixture
def receiver() -> Iterator[tuple[str, Received]]:
    """A receiver of webhooks that lets in whoever has the password."""
    received: Received = queue.Queue()
    wanted = "Basic " + base64.b64encode(b"hook:secret").decode()

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            given = self.headers.get("Authorization")
            received.put((given, body))
            self.send_response(200 if given == wanted else 401)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_passes_the_password_and_the_client_reads_it(
    client: Chargebee, receiver: tuple[str, Received]
) -> None:
    """Receives a webhook behind Basic auth and deserializes it as an event."""
    url, received = receiver
    endpoint = client.WebhookEndpoint.create(
        {
            "name": "Ours",
            "url": url,
            "basic_auth_username": "hook",
            "basic_auth_password": "secret",
            "enabled_events": ["customer_created"],
        }
    ).webhook_endpoint
    made = client.Customer.create({"company": "Heard of"})
    client.Customer.update(made.customer.id, {"company": "Not heard of"})

    given, body = received.get(timeout=5)
    event = client.Event.deserialize(body.decode())

    assert given == "Basic " + base64.b64encode(b"hook:secret").decode()
    assert (event.event_type, event.api_version) == ("customer_created", "v2")
    assert event.content["customer"]["id"] == made.customer.id
    assert client.Event.retrieve(event.id).event.content == event.content
    assert client.WebhookEndpoint.retrieve(endpoint.id).webhook_endpoint.url == url
    assert received.empty()
