"""Webhooks: 200 means that it is on the disk; everything else says why not."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from ingestion import webhooks
from ingestion.webhooks import (
    MAX_BODY_BYTES,
    Settings,
    WebhookSettingError,
    receiver,
    settings,
)
from operations.events import concerned
from operations.intake import Intake
from operations.store import Store

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECRETS = {
    "stripe": ("whsec_new", "whsec_old"),
    "chargebee": ("concord:pass",),
    "business_central": ("our state",),
}


@dataclass
class Desk:
    """A receiver in this process, and the store behind it."""

    store: Store
    intake: Intake
    now: datetime = NOON
    secrets: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(SECRETS))

    def __post_init__(self) -> None:
        """Make the application once: it counts what it refuses."""
        self.app = receiver(
            self.store, self.intake, Settings(self.secrets), lambda: self.now
        )

    def send(
        self, method: str, path: str, content: Any = b"", **more: Any
    ) -> httpx.Response:
        """Send one request."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://hooks"
            ) as client:
                return await client.request(method, path, content=content, **more)

        return asyncio.run(ask())

    def tell(self, event: Any, secret: str | None = None) -> httpx.Response:
        """Send an event as Stripe does, signed by Stripe's own library."""
        secret = secret or self.secrets["stripe"][0]
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        time = int(self.now.timestamp())
        digest = stripe.WebhookSignature._compute_signature(
            f"{time}.{body.decode()}", secret
        )
        headers = {"Stripe-Signature": f"t={time},v1={digest}"}
        return self.send("POST", "/webhooks/stripe", body, headers=headers)

    def ids(self) -> list[str]:
        """Return the ids of all events."""
        rows = self.store.rows("select event_id from events order by event_id")
        return [row["event_id"] for row in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A receiver of Stripe, Chargebee and Business Central."""
    with Store(tmp_path / "operations.sqlite") as store, Intake(store) as intake:
        yield Desk(store, intake)


def event(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return an event of Stripe about an invoice."""
    data = {"object": {"object": "invoice", "id": f"in_{number}", "total": 10.5}}
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": "invoice.paid",
        "data": data,
        **more,
    }


def test_an_event_is_on_the_disk_before_it_is_answered(
    desk: Desk, tmp_path: Path
) -> None:
    """Another connection sees it as soon as the answer is there."""
    answered = desk.tell(event())

    with Store(tmp_path / "operations.sqlite") as other:
        (one,) = concerned(other)
    assert (answered.status_code, answered.json()) == (200, {"new": 1, "known": 0})
    assert one.records == {"invoice": frozenset({"in_1"})}


def test_a_repeated_event_is_answered_alike_and_kept_once(desk: Desk) -> None:
    """Also when it is signed anew, has another body, or comes fifty times."""
    answers = [desk.tell(event(pending_webhooks=number)) for number in range(50)]

    assert {each.status_code for each in answers} == {200}
    assert answers[-1].json() == {"new": 0, "known": 1}
    assert desk.ids() == ["evt_1"]
    health = desk.send("GET", "/health").json()
    assert health["taken"] == {"stripe": {"known": 49, "new": 1}}


def test_a_recording_is_refused_after_five_minutes(desk: Desk) -> None:
    """The same bytes and headers are a duplicate at first and a replay later."""
    first = desk.tell(event()).request
    sent = {"headers": dict(first.headers)}
    soon = desk.send("POST", "/webhooks/stripe", first.content, **sent)
    desk.now += timedelta(seconds=301)

    late = desk.send("POST", "/webhooks/stripe", first.content, **sent)

    assert (soon.status_code, late.status_code) == (200, 401)
    assert "five minutes" in late.text


def test_both_secrets_are_good_while_one_is_replaced(desk: Desk) -> None:
    """No event is refused during a rotation; a third secret is."""
    answers = [
        desk.tell(event(number), secret).status_code
        for number, secret in enumerate(("whsec_old", "whsec_new", "whsec_wrong"))
    ]

    assert answers == [200, 200, 401]
    assert desk.ids() == ["evt_0", "evt_1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"object": "event"}',
        b'{"object": "event", "id": 1, "type": "a", "data": {"object": {}}}',
        b'{"object": "event", "id": "", "type": "a", "data": {"object": {}}}',
        b'{"object": "balance", "id": "a", "type": "b"}',
        b'{"object": "event", "id": "\\ud800", "type": "a", "data": []}',
    ],
)
def test_what_is_signed_but_no_event_is_not_taken(desk: Desk, body: bytes) -> None:
    """422, and nothing is kept."""
    assert desk.tell(body).status_code == 422
    assert desk.ids() == []


def test_a_body_that_is_too_large_is_not_read(desk: Desk) -> None:
    """Neither one that says so nor one that does not."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x" * 65536

    said = desk.send("POST", "/webhooks/stripe", b"x" * (MAX_BODY_BYTES + 1))
    unsaid = desk.send("POST", "/webhooks/stripe", endless())
    lie = desk.send(
        "POST", "/webhooks/stripe", b"{}", headers={"Content-Length": "9" * 50}
    )

    assert [each.status_code for each in (said, unsaid, lie)] == [413, 413, 413]


def test_a_body_that_does_not_arrive_is_not_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that dribbles is told so and holds nothing."""
    monkeypatch.setattr(webhooks, "BODY_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(1)

    assert desk.send("POST", "/webhooks/stripe", slow()).status_code == 408


def test_a_full_queue_asks_the_sender_to_come_again(tmp_path: Path) -> None:
    """503 with Retry-After; once there is room the same event is taken."""
    with Store(tmp_path / "operations.sqlite") as store:
        with Intake(store, most_waiting=0) as intake:
            refused = Desk(store, intake).tell(event())
        with Intake(store) as intake:
            taken = Desk(store, intake).tell(event())

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert taken.status_code == 200


def test_a_store_that_fails_or_is_busy_is_no_yes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 as long as it is not on the disk, and 200 afterwards."""
    monkeypatch.setattr(webhooks, "COMMIT_SECONDS", 0.1)
    with desk.store.transaction() as connection:
        connection.execute("alter table events rename to away")
    failed = desk.tell(event())
    with desk.store.transaction() as connection:
        connection.execute("alter table away rename to events")
        busy = desk.tell(event())

    assert (failed.status_code, busy.status_code) == (503, 503)
    assert desk.tell(event()).status_code == 200


def test_only_systems_with_a_secret_are_expected(desk: Desk) -> None:
    """Another system, another path and another method are refused."""
    asked = [
        desk.send("POST", "/webhooks/zendesk").status_code,
        desk.send("POST", "/webhooks/../etc").status_code,
        desk.send("GET", "/webhooks/stripe").status_code,
        desk.send("POST", "/health").status_code,
    ]

    assert asked == [404, 404, 405, 405]


def test_chargebee_names_the_record_and_those_that_belong_to_it(desk: Desk) -> None:
    """Its password is checked; the event is known by its id."""
    body = {
        "id": "ev_1",
        "event_type": "subscription_changed",
        "content": {
            "subscription": {"id": "s1"},
            "customer": {"id": "c1"},
            "card": {"customer_id": "c1"},
            "unbilled_charges": [{"id": "u1"}, {"id": "u2"}],
        },
    }
    sent = {"content": json.dumps(body).encode()}
    right = base64.b64encode(b"concord:pass").decode()

    refused = desk.send("POST", "/webhooks/chargebee", **sent)
    headers = {"Authorization": f"Basic {right}"}
    taken = desk.send("POST", "/webhooks/chargebee", **sent, headers=headers)

    assert (refused.status_code, taken.json()) == (401, {"new": 1, "known": 0})
    (one,) = concerned(desk.store)
    assert one.records == {
        "subscription": frozenset({"s1"}),
        "customer": frozenset({"c1"}),
        "unbilled_charges": frozenset({"u1", "u2"}),
    }


def test_business_central_is_told_its_token_and_believed_by_its_state(
    desk: Desk,
) -> None:
    """The handshake echoes plain text; from many changes on only the set is named."""
    path = "/webhooks/business_central"
    shaken = desk.send("POST", path, params={"validationToken": "<b>token</b>"})
    base = {
        "subscriptionId": "s",
        "clientState": "our state",
        "lastModifiedDateTime": "2026-11-01T11:59:00Z",
    }
    place = "https://api.example/api/v2.0/companies(c1)"
    one = base | {"changeType": "updated", "resource": f"{place}/customers(k1)"}
    many = base | {
        "changeType": "collection",
        "resource": f"{place}/items?$filter=lastModifiedDateTime gt 2026-11-01",
    }
    body = json.dumps({"value": [one, many]}).encode()
    answers = [desk.send("POST", path, body).json() for _ in range(2)]
    other = body.replace(b"our state", b"their state", 1)

    assert (shaken.status_code, shaken.text) == (200, "<b>token</b>")
    assert shaken.headers["Content-Type"].startswith("text/plain")
    assert answers == [{"new": 2, "known": 0}, {"new": 0, "known": 2}]
    assert desk.send("POST", path, other).status_code == 401
    (found,) = concerned(desk.store)
    assert found.records == {"customers": frozenset({"k1"}), "items": frozenset([None])}


def test_refusals_are_counted_and_told_once_a_minute(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Causes only: nothing of a message, an address or a secret is written anywhere."""
    with caplog.at_level(logging.DEBUG):
        answers = [
            desk.tell(event(name="Geheim"), "whsec_wrong").text for _ in range(100)
        ]
        desk.send("POST", "/webhooks/mallory?key=Geheim")
        desk.now += timedelta(minutes=1)
        desk.tell(event(), "whsec_wrong")

    said = [each for each in caplog.messages if each.startswith("refused")]
    health = desk.send("GET", "/health").json()
    assert len(said) == 3
    assert "(101 so far)" in said[-1]
    assert sum(health["refused"]["stripe"].values()) == 101
    assert health["taken"] == {}
    everything = repr((said, answers, health, Settings(SECRETS)))
    for secret in ("Geheim", "mallory", "whsec_", "pass", "our state"):
        assert secret not in everything


@pytest.mark.parametrize(
    "environ",
    [{}, {"STRIPE_WEBHOOK_SECRETS": " , "}, {"CHARGEBEE_WEBHOOK_SECRETS": "geheim"}],
)
def test_a_receiver_without_a_usable_secret_does_not_start(
    environ: dict[str, str],
) -> None:
    """It names the setting, not its value."""
    with pytest.raises(WebhookSettingError, match="WEBHOOK_SECRETS") as raised:
        settings(environ)

    assert "geheim" not in str(raised.value)


def test_settings_take_several_secrets() -> None:
    """Commas part them, and blanks do not matter."""
    known = settings({"STRIPE_WEBHOOK_SECRETS": " a, b ,"})

    assert known.secrets == {"stripe": ("a", "b")}
