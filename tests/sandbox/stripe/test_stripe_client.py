"""Stripe's own client library is the judge of our Stripe."""

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import stripe

from sandbox.clock import wall_seconds
from sandbox.stripe.events import signature_header

pytestmark = pytest.mark.judge("stripe 16.1.0")

Delivery = tuple[bytes, str]
Receiver = tuple[str, "queue.Queue[Delivery]"]


def client_of(served: Any, key: str | None = None) -> stripe.StripeClient:
    """Return the official client, pointed at the sandbox."""
    return stripe.StripeClient(
        key or served.keys.stripe_api_key,
        base_addresses={"api": f"{served.url}/stripe"},
        max_network_retries=0,
    )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook endpoint on this machine: its address, and what arrives there."""
    arrived: queue.Queue[Delivery] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", arrived
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_pages_through_everything(reading: Any) -> None:
    """Auto-paging finds each customer, each invoice and each line once."""
    client = client_of(reading)

    customers = client.v1.customers.list({"limit": 2}).auto_paging_iter()
    invoices = list(client.v1.invoices.list({"limit": 7}).auto_paging_iter())
    (long,) = [invoice for invoice in invoices if invoice.id == "in_1"]
    lines = list(long.lines.auto_paging_iter())

    assert [each.id for each in customers] == ["cus_3", "cus_2", "cus_1"]
    assert len({each.id for each in invoices}) == 25
    assert [line.id for line in lines] == [f"il_1_{place}" for place in range(12)]


def test_it_retrieves_and_updates(served: Any) -> None:
    """What it wrote is what it reads."""
    client = client_of(served)

    client.v1.customers.update(
        "cus_1", {"name": "Renamed", "metadata": {"duplicate_of": "cus_2", "plan": ""}}
    )
    customer = client.v1.customers.retrieve("cus_1")
    subscription = client.v1.subscriptions.update("sub_1", {"discounts": ""})

    assert customer.name == "Renamed"
    assert customer.metadata.to_dict() == {"tax_id": "T1", "duplicate_of": "cus_2"}
    assert subscription.discounts == []


def test_it_repeats_with_a_key(served: Any) -> None:
    """The same key gives the same invoice item, created once."""
    client = client_of(served)
    wanted = {"customer": "cus_1", "amount": 500, "currency": "usd"}

    items = [
        client.v1.invoice_items.create(wanted, {"idempotency_key": "k1"})
        for _ in range(2)
    ]

    assert items[0].id == items[1].id
    assert items[1].last_response.headers["idempotent-replayed"] == "true"
    assert len(client.v1.invoice_items.list().data) == 1


def test_it_raises_its_own_errors(served: Any) -> None:
    """Each refusal becomes the exception that Stripe's users know."""
    client = client_of(served)
    first = {"idempotency_key": "k1"}
    client.v1.customers.update("cus_1", {"name": "A"}, first)

    with pytest.raises(stripe.AuthenticationError):
        client_of(served, "sk_test_wrong").v1.customers.list()
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.customers.retrieve("cus_9")
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.v1.customers.update("cus_1", {"nope": "x"})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.update("cus_1", {"name": "B"}, first)

    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    assert (unknown.value.http_status, unknown.value.param) == (400, "nope")


def test_it_sees_a_lost_answer_as_a_broken_connection(served: Any) -> None:
    """The write happened; nobody told the client."""
    served.control.post(
        "/faults",
        json=[
            {
                "system": "stripe",
                "method": "POST",
                "path_contains": "cus_1",
                "kind": "lost_response",
            }
        ],
    )

    with pytest.raises(stripe.APIConnectionError):
        client_of(served).v1.customers.update("cus_1", {"name": "A"})

    assert client_of(served).v1.customers.retrieve("cus_1").name == "A"


def test_each_change_is_an_event(served: Any) -> None:
    """The log says what changed, what it was before, and on whose request."""
    client = client_of(served)
    client.v1.customers.update("cus_1", {"name": "A", "metadata": {"new": "1"}})
    client.v1.subscriptions.update("sub_1", {"metadata": {"x": "y"}})
    item = client.v1.invoice_items.create(
        {"customer": "cus_1", "amount": 5, "currency": "usd"}
    )
    client.v1.invoice_items.delete(item.id)

    events = list(client.v1.events.list().auto_paging_iter())
    first = events[-1]

    assert [event.type for event in events] == [
        "invoiceitem.deleted",
        "invoiceitem.created",
        "customer.subscription.updated",
        "customer.updated",
    ]
    assert first.data.object["name"] == "A"
    assert first.data.previous_attributes.to_dict() == {
        "name": "Customer 1",
        "metadata": {"new": None},
    }
    assert first.request.id.startswith("req_")
    assert first.request.idempotency_key is not None


def test_a_person_makes_events_too(served: Any) -> None:
    """An edit at the screen is an event without a request."""
    served.control.post(
        "/edit",
        json={
            "system": "stripe",
            "object": "customer",
            "id": "cus_2",
            "fields": {"email": "new@c2.example"},
        },
    )

    (event,) = client_of(served).v1.events.list({"type": "customer.updated"}).data

    assert (event.request.id, event.data.object["email"]) == (None, "new@c2.example")


def test_a_webhook_arrives_signed(served: Any, receiver: Receiver) -> None:
    """The official verifier accepts it, and only with the endpoint's secret."""
    url, arrived = receiver
    client = client_of(served)
    endpoint = client.v1.webhook_endpoints.create(
        {"url": url, "enabled_events": ["customer.updated"]}
    )
    client.v1.subscriptions.update("sub_1", {"metadata": {"x": "y"}})
    client.v1.customers.update("cus_1", {"name": "A"})

    payload, header = arrived.get(timeout=5)
    event = stripe.Webhook.construct_event(payload, header, endpoint.secret)

    assert (event.type, event.data.object["name"]) == ("customer.updated", "A")
    assert event.pending_webhooks == 1
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(payload, header, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(payload + b" ", header, endpoint.secret)
    assert arrived.empty()


def test_the_secret_of_an_endpoint_is_told_once(
    served: Any, receiver: Receiver
) -> None:
    """Reading it again shows everything but the secret; a deleted one is gone."""
    url, _ = receiver
    client = client_of(served)
    created = client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})

    read = client.v1.webhook_endpoints.retrieve(created.id)
    deleted = client.v1.webhook_endpoints.delete(created.id)

    assert created.secret.startswith("whsec_")
    assert "secret" not in read
    assert deleted.deleted
    assert client.v1.webhook_endpoints.list().data == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com:80/hook",
        "https://127.0.0.1/x",
        "http://10.0.0.1:80/",
        "x",
        "http://127.0.0.1.example.com:80/",
        "http://[::1",
        "http://127.0.0.1/hook",
    ],
)
def test_webhooks_stay_on_this_machine(reading: Any, url: str) -> None:
    """The sandbox calls nobody else, whatever it is asked."""
    response = reading.stripe.post(
        "/webhook_endpoints", data={"url": url, "enabled_events[]": "*"}
    )

    assert response.json()["error"]["code"] == "url_invalid"


def test_an_old_signature_is_refused() -> None:
    """The signed time counts: the verifier takes no more than its tolerance."""
    payload, secret = b'{"object": "event"}', "whsec_x"
    now = wall_seconds()

    stripe.WebhookSignature.verify_header(
        payload, signature_header(secret, payload, now), secret, tolerance=300
    )
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(
            payload, signature_header(secret, payload, now - 400), secret, tolerance=300
        )
