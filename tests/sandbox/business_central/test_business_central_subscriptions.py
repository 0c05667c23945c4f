"""Business Central's notifications: handshake, renewal, changes gathered up."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

COMPANY = "11111111-1111-1111-1111-111111111111"
FIRST = "/customers(00000001-0000-0000-0000-000000000001)"


@dataclass
class Receiver:
    """Says the validation token back, and takes notifications."""

    url: str = ""
    says: str | None = None  # instead of the token
    statuses: list[int] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def wait(self, number: int) -> list[dict[str, Any]]:
        """Return the messages once there are so many."""
        deadline = time.monotonic() + 5
        while len(self.messages) < number and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.messages


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = parse_qs(urlsplit(self.path).query).get("validationToken")
            said, status = b"", 200
            if asked:
                said = (asked[0] if receiver.says is None else receiver.says).encode()
            elif receiver.statuses:
                status = receiver.statuses.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            if not asked:
                receiver.messages.append(json.loads(body))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


def subscribe(erp: Any, receiver: Receiver) -> Any:
    """Subscribe to the customers of the company."""
    url = erp.url().rpartition("/companies")[0] + "/subscriptions"
    return erp.client.post(
        url,
        json={
            "notificationUrl": receiver.url,
            "resource": f"/api/v2.0/companies({COMPANY})/customers",
            "clientState": "secret",
        },
    )


def test_changes_are_gathered_into_one_notification(
    erp: Any, receiver: Receiver
) -> None:
    """Half a minute later it names each record once, with the shared secret."""
    made = subscribe(erp, receiver)
    for city in ("Bonn", "Ulm"):
        erp.patch(FIRST, "*", city=city)
    erp.post("/customers", {"displayName": "New"})
    early = list(receiver.messages)
    erp.doors.clock.advance(31)
    erp.get("/customers")

    (message,) = receiver.wait(1)

    assert (made.status_code, early) == (201, [])
    assert [each["changeType"] for each in message["value"]] == ["updated", "created"]
    assert {each["clientState"] for each in message["value"]} == {"secret"}
    assert message["value"][0]["resource"].endswith(FIRST)


def test_many_changes_name_the_set_only(erp: Any, receiver: Receiver) -> None:
    """The reader has to ask what changed."""
    subscribe(erp, receiver)
    for number in range(100):
        erp.post("/customers", {"displayName": f"N{number}"})
    erp.doors.clock.advance(31)
    erp.get("/customers")

    (message,) = receiver.wait(1)

    assert [each["changeType"] for each in message["value"]] == ["collection"]


def test_a_receiver_that_does_not_shake_hands_gets_nothing(
    erp: Any, receiver: Receiver
) -> None:
    """The subscription is refused."""
    receiver.says = "something else"

    refused = subscribe(erp, receiver)

    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "Application_ValidationTokenMismatch"


def test_a_subscription_ends_after_three_days_unless_renewed(
    erp: Any, receiver: Receiver
) -> None:
    """Renewal is a change: it needs the version and the handshake."""
    made = subscribe(erp, receiver).json()
    url = (
        erp.url().rpartition("/companies")[0]
        + f"/subscriptions('{made['subscriptionId']}')"
    )
    erp.conditions(token_seconds=10**7)
    erp.doors.clock.advance(3000)
    renewed = erp.client.patch(url, json={}, headers={"If-Match": made["@odata.etag"]})
    stale = erp.client.patch(url, json={}, headers={"If-Match": made["@odata.etag"]})
    assert renewed.json()["expirationDateTime"] > made["expirationDateTime"]
    erp.patch(FIRST, "*", city="Bonn")
    erp.conditions(subscription_seconds=0)
    erp.client.patch(url, json={}, headers={"If-Match": "*"})
    erp.doors.clock.advance(31)
    erp.get("/customers")

    assert stale.status_code == 409
    assert erp.client.get(url).status_code == 404
    assert receiver.messages == []


def test_any_odd_answer_ends_a_subscription(erp: Any, receiver: Receiver) -> None:
    """What is busy is tried again; what says no is not asked again."""
    erp.conditions(webhook_retry_seconds=[0.01])
    receiver.statuses = [503, 200, 410]
    subscribe(erp, receiver)
    for city in ("Bonn", "Ulm", "Köln"):
        erp.patch(FIRST, "*", city=city)
        erp.doors.clock.advance(31)
        erp.get("/customers")
        receiver.wait({"Bonn": 2, "Ulm": 4, "Köln": 4}[city])
        time.sleep(0.05)

    # The post office tries each message again; the subscription ends all the same.
    assert len(receiver.messages) == 4
    assert len(erp.doors.store.collection("business_central", "subscriptions")) == 0
