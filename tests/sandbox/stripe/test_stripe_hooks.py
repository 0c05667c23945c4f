"""Webhooks of Stripe: signed, retried, and signed twice while a secret is rolled."""

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
import stripe

pytestmark = pytest.mark.judge("stripe 16.1.0")

Delivery = tuple[bytes, str]


class Receiver:
    """A webhook endpoint on this machine."""

    def __init__(self) -> None:
        """Answer 200 until told otherwise."""
        self.arrived: queue.Queue[Delivery] = queue.Queue()
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                receiver.arrived.put((body, self.headers["Stripe-Signature"]))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def event(self, secret: str) -> Any:
        """Return the next event, checked by Stripe's own verifier."""
        payload, header = self.arrived.get(timeout=5)
        return stripe.Webhook.construct_event(payload, header, secret)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook endpoint that is listening."""
    made = Receiver()
    thread = threading.Thread(
        target=made.server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def endpoint_of(account: Any, receiver: Receiver, *kinds: str) -> Any:
    """Add an endpoint."""
    wanted = {"url": receiver.url, "enabled_events": list(kinds)}
    return account.v1.webhook_endpoints.create(wanted)


def test_an_event_arrives_signed(account: Any, receiver: Receiver) -> None:
    """Webhook.construct_event accepts it; only what was asked for comes."""
    endpoint = endpoint_of(account, receiver, "invoice.paid")
    customer = account.customer()
    wanted = {"customer": customer.id, "items": [{"price": account.price().id}]}
    account.v1.subscriptions.create(wanted)

    event = receiver.event(endpoint.secret)

    assert event.type == "invoice.paid"
    assert event.data.object["amount_paid"] == 1000
    assert receiver.arrived.empty()


def test_a_failed_delivery_is_repeated(account: Any, receiver: Receiver) -> None:
    """500 twice, then 200: the same event, and no delivery left to come."""
    account.doors.control("conditions", {"stripe": {"webhook_retry_seconds": [0, 0]}})
    endpoint = endpoint_of(account, receiver, "customer.created")
    receiver.statuses = [500, 500]

    account.v1.customers.create({"name": "A"})
    events = [receiver.event(endpoint.secret) for _ in range(3)]

    assert len({each.id for each in events}) == 1
    for _ in range(200):
        if account.v1.events.retrieve(events[0].id).pending_webhooks == 0:
            break
    assert account.v1.events.retrieve(events[0].id).pending_webhooks == 0


def test_both_secrets_are_good_while_one_is_rolled(
    account: Any, receiver: Receiver
) -> None:
    """A rolled secret signs beside the new one until it expires."""
    endpoint = endpoint_of(account, receiver, "customer.created")
    rolled = httpx.post(
        f"{account.doors.url}/stripe/v1/webhook_endpoints/{endpoint.id}/_sandbox_roll",
        data={"expires_in": "3600"},
        headers={"Authorization": f"Bearer {account.doors.keys.stripe_api_key}"},
        trust_env=False,
    ).json()

    account.v1.customers.create({"name": "A"})
    payload, header = receiver.arrived.get(timeout=5)
    for secret in (endpoint.secret, rolled["secret"]):
        stripe.Webhook.construct_event(payload, header, secret)
    account.doors.clock.advance(3601)
    account.v1.customers.create({"name": "B"})
    payload, header = receiver.arrived.get(timeout=5)

    stripe.Webhook.construct_event(payload, header, rolled["secret"])
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(payload, header, endpoint.secret)


def test_a_disabled_endpoint_hears_nothing(account: Any, receiver: Receiver) -> None:
    """webhook_endpoints.update disables and enables; delete ends it."""
    endpoint = endpoint_of(account, receiver, "*")
    endpoints = account.v1.webhook_endpoints

    endpoints.update(endpoint.id, {"disabled": True})
    account.v1.products.create({"name": "unheard"})
    endpoints.update(endpoint.id, {"disabled": False})
    account.v1.products.create({"name": "heard"})
    event = receiver.event(endpoint.secret)
    gone = endpoints.delete(endpoint.id)

    assert (event.data.object["name"], gone.deleted) == ("heard", True)


def test_every_event_type_is_one_of_stripes(account: Any, described: Any) -> None:
    """What happens in a busy account is told in types that Stripe has."""
    if not described.is_there:
        pytest.skip("Stripe's description is not here: NOTHING was held against it")
    form = described.paths["/v1/webhook_endpoints"]["post"]["requestBody"]["content"]
    schema = form["application/x-www-form-urlencoded"]["schema"]["properties"]
    known = set(schema["enabled_events"]["items"]["enum"])
    customer = account.customer()
    wanted = {"customer": customer.id, "items": [{"price": account.price().id}]}
    made = account.v1.subscriptions.create(wanted)
    account.v1.subscriptions.cancel(made.id)
    paid = {"amount": 500, "currency": "usd", "confirm": True}
    intent = account.v1.payment_intents.create(
        {**paid, "payment_method": "pm_card_createDispute"}
    )
    account.v1.disputes.close(
        account.v1.disputes.list({"payment_intent": intent.id}).data[0].id
    )

    told = {each.type for each in account.v1.events.list({"limit": 100}).data}

    assert told - known == set()
    assert len(told) > 15
