"""Webhooks end to end: the sandbox's Stripe tells a receiver in its own process."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
import stripe

from ingestion.load import Place, load
from operations.events import covered
from operations.store import Store
from sandbox.clock import Clock
from sandbox.credentials import credentials
from sandbox.world import build_world
from tests.ingestion.receiving import Receiver
from tests.sandbox.doors import Doors, opened

FAULTS = {"seed": 3, "duplicate": 0.2, "lose": 0.2, "reorder": 0.2}
CUSTOMERS = 60


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """A receiver that is not started yet."""
    made = Receiver(tmp_path / "home")
    yield made
    made.end(signal.SIGKILL)


@pytest.fixture
def doors() -> Iterator[Doors]:
    """A Stripe account whose company has its history."""
    world = build_world(7, 20, 6, date(2026, 10, 31))
    with opened(world, credentials(7), Clock(), only=["stripe"]) as sandbox:
        yield sandbox


def ids(receiver: Receiver, where: str = "true") -> list[str]:
    """Return the ids in the inbox."""
    with Store(receiver.operations) as store:
        rows = store.rows(f"select event_id from events where {where} order by seq")
    return [row["event_id"] for row in rows]


def told(doors: Doors) -> dict[str, bool]:
    """Return which of Stripe's events of new customers were answered 2xx."""
    events = doors.store.collection("stripe", "event")
    return {
        each["id"]: each["pending_webhooks"] == 0
        for each in events
        if each["type"] == "customer.created"
    }


def create(client: httpx.Client, name: str) -> str:
    """Make a customer; wait where Stripe allows no more calls in this second."""
    while (made := client.post("/v1/customers", data={"name": name})).is_error:
        assert made.status_code == 429
        time.sleep(0.2)
    return str(made.json()["id"])


def test_all_that_was_sent_is_in_the_inbox_once_and_a_load_finds_the_rest(
    doors: Doors, receiver: Receiver, tmp_path: Path
) -> None:
    """Repeated, reordered and lost: each event that arrived is there once.

    The load that covers them also brings the records whose events were lost.
    """
    doors.control("conditions", {"stripe": {"webhook_faults": FAULTS}})
    with doors.client("stripe") as client:
        client.headers["Authorization"] = f"Bearer {doors.keys.stripe_api_key}"
        wanted = {
            "url": f"{receiver.url}/webhooks/stripe",
            "enabled_events[]": "customer.created",
        }
        endpoint = client.post("/v1/webhook_endpoints", data=wanted).json()
        receiver.start({"STRIPE_WEBHOOK_SECRETS": endpoint["secret"]})
        made = {create(client, f"New {number}") for number in range(CUSTOMERS)}
    before = -1
    while before != (before := len(ids(receiver))):
        time.sleep(1.5)  # a message is held back for at most a second

    arrived = {event_id for event_id, was_told in told(doors).items() if was_told}
    health = receiver.health()
    assert sorted(ids(receiver)) == sorted(arrived)
    assert len(arrived) < len(told(doors)) == CUSTOMERS
    assert health["taken"]["stripe"]["known"] > 0
    assert health["refused"] == {}

    warehouse = tmp_path / "warehouse.duckdb"
    with (
        Store(receiver.operations) as store,
        covered(store, "stripe", lambda: datetime.now(UTC)),
    ):
        load(
            Place(warehouse, tmp_path, tmp_path / "operations.sqlite"),
            doors.environment,
            ["stripe"],
        ).insist()

    with duckdb.connect(str(warehouse)) as connection:
        rows = connection.execute("select id from raw_stripe.customers").fetchall()
    assert ids(receiver, "done_at is null") == []
    assert made <= {customer for (customer,) in rows}


def signed(number: int, secret: str) -> tuple[bytes, dict[str, str]]:
    """Return an event and its signature, made by Stripe's library."""
    body: dict[str, Any] = {
        "id": f"evt_{number:06}",
        "object": "event",
        "type": "customer.updated",
        "data": {"object": {"object": "customer", "id": "cus_1"}},
    }
    payload, now = json.dumps(body), int(time.time())
    digest = stripe.WebhookSignature._compute_signature(f"{now}.{payload}", secret)
    return payload.encode(), {"Stripe-Signature": f"t={now},v1={digest}"}


def test_what_was_answered_survives_a_kill(receiver: Receiver) -> None:
    """SIGKILL in the middle of a burst: every event that was acknowledged is there."""
    secrets = {"STRIPE_WEBHOOK_SECRETS": "whsec_kill"}
    receiver.start(secrets)
    answered: list[str] = []

    def send(first: int) -> None:
        with httpx.Client(trust_env=False, timeout=10) as client:
            for number in range(first, first + 10_000):
                body, headers = signed(number, "whsec_kill")
                try:
                    answer = client.post(
                        f"{receiver.url}/webhooks/stripe", content=body, headers=headers
                    )
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    answered.append(f"evt_{number:06}")

    senders = [
        threading.Thread(target=send, args=[first * 10_000]) for first in range(4)
    ]
    for sender in senders:
        sender.start()
    while len(answered) < 200:
        time.sleep(0.01)
    receiver.end(signal.SIGKILL)
    for sender in senders:
        sender.join()

    kept = ids(receiver)
    assert len(kept) == len(set(kept))
    assert set(answered) <= set(kept)


def test_asked_to_end_it_has_written_down_what_it_took(receiver: Receiver) -> None:
    """SIGTERM drains; the port is free afterwards, and the next start continues."""
    secrets = {"STRIPE_WEBHOOK_SECRETS": "whsec_end"}
    for number in (1, 2):
        receiver.start(secrets)
        body, headers = signed(number, "whsec_end")
        url = f"{receiver.url}/webhooks/stripe"
        answer = httpx.post(url, content=body, headers=headers, trust_env=False)
        receiver.end()
        assert answer.status_code == 200

    assert ids(receiver) == ["evt_000001", "evt_000002"]
