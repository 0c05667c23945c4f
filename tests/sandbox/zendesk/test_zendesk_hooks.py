"""Zendesk's webhooks: what is sent, signed by the documented formula, with retries."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Message = tuple[dict[str, str], bytes]


@dataclass
class Receiver:
    """Takes messages; answers with `statuses`, then with 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def wait(self, number: int) -> list[Message]:
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
            length = int(self.headers["Content-Length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            receiver.messages.append((headers, body))

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


def subscribed(served: Any, receiver: Receiver, *types: str) -> tuple[str, str]:
    """Subscribe; return the webhook's id and the secret that signs."""
    made = served.zendesk.post(
        "/webhooks",
        json={
            "webhook": {
                "name": "Concord",
                "endpoint": receiver.url,
                "http_method": "POST",
                "request_format": "json",
                "status": "active",
                "subscriptions": [f"zen:event-type:{each}" for each in types],
            }
        },
    )
    assert made.status_code == 201
    webhook_id = made.json()["webhook"]["id"]
    secret = served.zendesk.get(f"/webhooks/{webhook_id}/signing_secret").json()
    return webhook_id, secret["signing_secret"]["secret"]


def is_genuine(secret: str, message: Message) -> bool:
    """Check as developer.zendesk.com says: base64(HMAC-SHA256(timestamp + body))."""
    headers, body = message
    signed = headers["x-zendesk-webhook-signature-timestamp"].encode() + body
    digest = hmac.digest(secret.encode(), signed, hashlib.sha256)
    return hmac.compare_digest(
        base64.b64encode(digest).decode(), headers["x-zendesk-webhook-signature"]
    )


@pytest.mark.judge("Zendesk's signature formula")
def test_a_message_is_signed_as_documented(served: Any, receiver: Receiver) -> None:
    """Checks the signature of a message, of a changed body and after a new secret."""
    webhook_id, secret = subscribed(served, receiver, "organization.name_changed")
    served.edit("organization", 101, name="Renamed")
    (message,) = receiver.wait(1)
    served.zendesk.post(f"/webhooks/{webhook_id}/signing_secret")
    served.edit("organization", 101, name="Again")

    second = receiver.wait(2)[1]

    assert is_genuine(secret, message)
    assert not is_genuine(secret, (message[0], message[1] + b" "))
    assert not is_genuine(secret, second)


def test_a_message_tells_what_changed(served: Any, receiver: Receiver) -> None:
    """Whoever wrote: a person, the API or a job."""
    subscribed(
        served,
        receiver,
        "organization.name_changed",
        "organization.custom_field_changed",
        "user.created",
        "ticket.status_changed",
    )
    served.edit("organization", 101, name="Renamed")
    served.zendesk.put(
        "/organizations/update_many",
        json={
            "organizations": [
                {"id": 102, "organization_fields": {"support_tier": "premium"}}
            ]
        },
    )
    served.zendesk.post("/users", json={"user": {"name": "Ada"}})
    served.zendesk.put("/tickets/701", json={"ticket": {"status": "solved"}})

    # A message that a busy receiver answers late is sent again, after the others.
    events = {
        event["type"].removeprefix("zen:event-type:"): event
        for event in (json.loads(body) for _, body in receiver.wait(4))
    }

    assert events.keys() == {
        "organization.name_changed",
        "organization.custom_field_changed",
        "user.created",
        "ticket.status_changed",
    }
    renamed, solved = (
        events[name] for name in ("organization.name_changed", "ticket.status_changed")
    )
    assert renamed["subject"] == "zen:organization:101"
    assert renamed["event"] == {"current": "Renamed", "previous": "Customer 1"}
    assert renamed["detail"]["id"] == "101"
    assert solved["event"] == {"current": "solved", "previous": "open"}


def test_a_failed_delivery_is_tried_again(served: Any, receiver: Receiver) -> None:
    """The invocation lists both attempts."""
    served.conditions(webhook_retry_seconds=[0.01, 0.01])
    receiver.statuses = [500]
    webhook_id, secret = subscribed(served, receiver, "organization.name_changed")
    served.edit("organization", 101, name="Renamed")
    messages = receiver.wait(2)

    invocations: list[Any] = []
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        invocations = served.zendesk.get(f"/webhooks/{webhook_id}/invocations").json()[
            "invocations"
        ]
        if invocations[0]["status"] == "success":
            break
        time.sleep(0.01)
    attempts = served.zendesk.get(
        f"/webhooks/{webhook_id}/invocations/{invocations[0]['id']}/attempts"
    ).json()["attempts"]

    assert messages[0][1] == messages[1][1]
    assert all(is_genuine(secret, each) for each in messages)
    assert [each["status_code"] for each in attempts] == [500, 200]


@pytest.mark.parametrize(
    ("change", "field_name"),
    [
        ({"endpoint": "https://example.com/hook"}, "endpoint"),
        ({"name": ""}, "name"),
        ({"status": "maybe"}, "status"),
        ({"subscriptions": ["everything"]}, "subscriptions"),
    ],
)
def test_a_webhook_has_rules(
    reading: Any, change: dict[str, Any], field_name: str
) -> None:
    """It leads to this machine, has a name and known events."""
    webhook = {
        "name": "Concord",
        "endpoint": "http://127.0.0.1:9/",
        "subscriptions": [],
    }

    response = reading.zendesk.post("/webhooks", json={"webhook": webhook | change})

    assert response.status_code == 422
    assert list(response.json()["details"]) == [field_name]
