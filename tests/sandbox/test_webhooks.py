"""How a vendor's messages arrive, and how they fail to."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.store import Store
from sandbox.webhooks import Webhooks

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Receiver:
    """A receiver on this machine that refuses its first requests."""

    def __init__(self) -> None:
        """Listen on a free port."""
        receiver = self
        self.arrived: list[str] = []
        self.refuses = 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.refuses -= 1
                if receiver.refuses < 0:
                    receiver.arrived.append(f"{body} {self.headers['X-Signed']}")
                self.send_response(503 if receiver.refuses >= 0 else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that answers from a thread."""
    made = Receiver()
    thread = threading.Thread(
        target=made.server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def posted(receiver: Receiver, conditions: dict[str, Any], *bodies: str) -> list[str]:
    """Send messages, wait for the deliveries to be over, and return what arrived."""
    store = Store({}, Clock(START, running=False))
    store.set_conditions({"stripe": {"webhook_retry_seconds": [0.01], **conditions}})

    async def run() -> None:
        hooks = Webhooks(store)
        for body in bodies:
            hooks.post("stripe", receiver.url, body.encode(), signed)
        await hooks.start()
        quiet, before = 0, -1
        while quiet < 4:
            await asyncio.sleep(0.05)
            quiet = quiet + 1 if len(receiver.arrived) == before else 0
            before = len(receiver.arrived)
        await hooks.close()

    asyncio.run(run())
    return [each.partition(" ")[0] for each in receiver.arrived]


def signed(body: bytes) -> dict[str, str]:
    """Sign as some vendor might."""
    return {"X-Signed": body[::-1].decode()}


def test_messages_arrive_once_in_order_and_signed(receiver: Receiver) -> None:
    """Without faults the post office is better than any vendor promises."""
    bodies = [f"m{number}" for number in range(10)]

    assert posted(receiver, {}, *bodies) == bodies
    assert receiver.arrived[0] == "m0 0m"


def test_a_message_that_was_refused_comes_again(receiver: Receiver) -> None:
    """The retry is signed anew; others do not wait for it."""
    receiver.refuses = 1

    assert sorted(posted(receiver, {}, "a", "b")) == ["a", "b"]


def test_messages_are_lost_repeated_and_reordered_by_seed(receiver: Receiver) -> None:
    """Each fault strikes, and the same ones strike again with the same seed."""
    bodies = [f"m{number}" for number in range(40)]
    faults = {"seed": 5, "lose": 0.15, "duplicate": 0.15, "reorder": 0.15}

    first = posted(receiver, {"webhook_faults": faults}, *bodies)
    receiver.arrived.clear()
    second = posted(receiver, {"webhook_faults": faults}, *bodies)

    assert first == second
    assert set(first) < set(bodies)
    assert len(first) > len(set(first))
    assert first != sorted(first, key=bodies.index)


def test_nobody_else_is_called() -> None:
    """An address that is not on this machine is refused where it is given."""
    hooks = Webhooks(Store({}, Clock(START)))

    with pytest.raises(ValueError, match="on this machine only"):
        hooks.post("stripe", "http://example.com:80/hook", b"", signed)
