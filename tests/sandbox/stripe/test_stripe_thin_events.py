"""Thin events and their destinations, read and verified by Stripe's own client."""

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import stripe
from stripe.events import _event_classes

from sandbox.clock import wall_seconds
from sandbox.stripe.events import signature_header

pytestmark = pytest.mark.judge("stripe 16.1.0")

Delivery = tuple[bytes, str]


@pytest.fixture
def deliveries() -> Iterator[tuple[str, "queue.Queue[Delivery]"]]:
    """The address of a receiver on this machine, and what arrived there."""
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
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/thin", arrived
    server.shutdown()
    thread.join()
    server.server_close()


def destination(account: Any, url: str, *kinds: str, **settings: Any) -> Any:
    """Add a destination and learn its secret."""
    wanted = {
        "name": "Field",
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": list(kinds),
        "webhook_endpoint": {"url": url},
        "include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
    }
    return account.client.v2.core.event_destinations.create({**wanted, **settings})


def test_each_change_is_a_thin_event_too(account: Any) -> None:
    """events.list, newest first: its newer type, its object, the snapshot's id."""
    customer = account.v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})
    account.v1.customers.update(customer.id, {"name": "B"})
    snapshots = account.v1.events.list().data

    thin = account.client.v2.core.events.list().data
    read = account.client.v2.core.events.retrieve(thin[-1].id)

    assert [event.type for event in thin] == [
        "v1.customer.updated",
        "v1.customer.created",
    ]
    assert [event.snapshot_event for event in thin] == [each.id for each in snapshots]
    assert read.related_object.id == customer.id
    assert read.related_object.url == f"/v1/customers/{customer.id}"
    assert read.reason.request.idempotency_key == "k1"
    assert read.created == "2026-11-01T12:00:00.000Z"
    assert read.fetch_related_object().name == "B"


def test_thin_events_are_narrowed_and_paged(account: Any) -> None:
    """By object, types and time; pages lead on and back and have each event once."""
    customers = [account.v1.customers.create({"name": str(n)}) for n in range(5)]
    account.doors.clock.advance(60)
    account.v1.customers.update(customers[0].id, {"name": "new"})
    events = account.client.v2.core.events

    first = events.list({"limit": 2})
    every = list(first.auto_paging_iter())
    of_one = events.list({"object_id": customers[0].id})
    typed = events.list({"types": ["v1.customer.updated", "v1.invoice.paid"]})
    recent = events.list({"created": {"gt": "2026-11-01T12:00:30Z"}})
    second = account.client.raw_request("get", first.next_page_url)
    back = account.client.raw_request("get", second.data["previous_page_url"])

    assert first.previous_page_url is None
    assert len({event.id for event in every}) == len(every) == 6
    assert [event.type for event in of_one.data] == [
        "v1.customer.updated",
        "v1.customer.created",
    ]
    assert [event.id for event in typed.data] == [every[0].id]
    assert [event.id for event in recent.data] == [every[0].id]
    assert [each["id"] for each in back.data["data"]] == [
        each.id for each in first.data
    ]


def test_an_event_is_gone_after_thirty_days(account: Any) -> None:
    """Neither listed nor read; an id that never was is not found alike."""
    account.v1.customers.create({"name": "A"})
    events = account.client.v2.core.events
    (event,) = events.list().data
    account.doors.clock.advance(31 * 86_400)

    assert events.list().data == []
    for event_id in (event.id, "evt_test_65nobody"):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            events.retrieve(event_id)
        assert (refused.value.http_status, refused.value.code) == (404, "not_found")


def test_every_type_is_one_that_the_client_knows(account: Any) -> None:
    """A life of a subscription gives no type that Stripe does not have."""
    customer, price = account.customer(), account.price()
    made = account.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}]}
    )
    account.v1.subscriptions.cancel(made.id)
    account.v1.customers.delete(customer.id)

    types = {event.type for event in account.client.v2.core.events.list({"limit": 100})}

    assert len(types) > 10
    assert types <= set(_event_classes._V2_EVENT_CLASS_LOOKUP)


def test_a_thin_notification_arrives_signed(
    account: Any, deliveries: tuple[str, "queue.Queue[Delivery]"]
) -> None:
    """parse_event_notification accepts it and fetches the event and the object."""
    url, arrived = deliveries
    made = destination(account, url, "v1.customer.created")
    customer = account.v1.customers.create({"name": "Ada"})

    body, header = arrived.get(timeout=5)
    told = account.client.parse_event_notification(
        body, header, made.webhook_endpoint.signing_secret
    )

    assert b'"name"' not in body
    assert told.type == "v1.customer.created"
    assert told.fetch_event().id == told.id
    assert told.fetch_related_object().name == "Ada"
    assert told.related_object.id == customer.id
    assert account.v1.events.list().data[0].pending_webhooks == 0
    with pytest.raises(stripe.SignatureVerificationError):
        account.client.parse_event_notification(
            body, signature_header("whsec_other", body, wall_seconds()), "whsec_mine"
        )


def test_a_destination_may_want_whole_events(
    account: Any, deliveries: tuple[str, "queue.Queue[Delivery]"]
) -> None:
    """event_payload snapshot: what a webhook endpoint gets."""
    url, arrived = deliveries
    made = destination(account, url, "customer.created", event_payload="snapshot")
    account.v1.customers.create({"name": "Ada"})

    body, header = arrived.get(timeout=5)
    secret = made.webhook_endpoint.signing_secret
    event = stripe.Webhook.construct_event(body, header, secret)

    assert made.snapshot_api_version == "2026-10-28.endive"
    assert event.data.object["name"] == "Ada"


def test_a_destination_is_changed_silenced_and_taken_away(account: Any) -> None:
    """update, disable, enable, list, delete; the secret is told at creation only."""
    made = destination(account, "http://127.0.0.1:9/a", "v1.customer.created")
    destinations = account.client.v2.core.event_destinations

    changed = destinations.update(made.id, {"name": "Other", "metadata": {"a": "1"}})
    silent = destinations.disable(made.id)
    loud = destinations.enable(made.id)
    (listed,) = destinations.list({"include": ["webhook_endpoint.url"]}).data
    gone = destinations.delete(made.id)

    assert made.id.startswith("ed_test_61")
    assert made.webhook_endpoint.signing_secret.startswith("whsec_")
    assert (changed.name, changed.metadata.a) == ("Other", "1")
    assert changed.webhook_endpoint.signing_secret is None
    assert (silent.status, silent.status_details.disabled.reason) == (
        "disabled",
        "user",
    )
    assert (loud.status, loud.status_details) == ("enabled", None)
    assert listed.webhook_endpoint.url == "http://127.0.0.1:9/a"
    assert gone.id == made.id
    assert destinations.list().data == []


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"webhook_endpoint": {"url": "https://example.com"}}, "webhook_endpoint[url]"),
        ({"event_payload": "fat"}, "event_payload"),
        ({"enabled_events": []}, "enabled_events"),
        ({"enabled_events": ["customer.created"]}, "enabled_events"),
        ({"type": "amazon_eventbridge"}, "webhook_endpoint"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_wrong_destination_is_refused(
    account: Any, settings: dict[str, Any], param: str
) -> None:
    """The error names what is wrong, and nothing is kept."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        destination(account, "http://127.0.0.1:9/a", "v1.customer.created", **settings)

    assert refused.value.json_body["error"]["param"] == param
    assert account.client.v2.core.event_destinations.list().data == []


def test_a_destination_is_made_once_for_each_key(account: Any) -> None:
    """The same idempotency key gives the first answer again."""
    wanted = {
        "name": "Field",
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": ["v1.customer.created"],
        "webhook_endpoint": {"url": "http://127.0.0.1:9/a"},
    }
    destinations = account.client.v2.core.event_destinations

    first = destinations.create(wanted, {"idempotency_key": "k"})
    second = destinations.create(wanted, {"idempotency_key": "k"})

    assert second.id == first.id
    assert len(destinations.list().data) == 1
