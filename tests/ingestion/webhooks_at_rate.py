"""Webhooks at rate: 1,000 events a second for ten seconds, none lost, p99 in time.

Run it by hand, since it needs the machine to itself; it is no part of the tests:

    .venv/bin/python -m tests.ingestion.webhooks_at_rate [events a second] [seconds]

It starts `concord receive`, sends events signed as Stripe signs them at fixed times
(an answer that is late delays nobody, and counts from the time that was planned), kills
the receiver, counts what is on the disk and writes `build/webhooks.json`. Exit code 1
where an event is lost or the 99th percentile is above 200 ms.
"""

import asyncio
import hashlib
import hmac
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from operations.store import Store
from tests.ingestion.receiving import Receiver

SECRET = "whsec_rate"
CONNECTIONS = 64
P99_SECONDS = 0.200
REPORT = Path("build/webhooks.json")


def request(number: int) -> bytes:
    """Return a request with an event of a usual size, two kilobytes."""
    record = {"object": "customer", "id": f"cus_{number % 5000}", "notes": "x" * 1800}
    event = {
        "id": f"evt_{number:08}",
        "object": "event",
        "type": "customer.updated",
        "data": {"object": record},
    }
    body, now = json.dumps(event).encode(), int(time.time())
    signed = f"{now}.".encode() + body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return (
        "POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n"
        f"Stripe-Signature: t={now},v1={digest}\r\n\r\n"
    ).encode() + body


class Senders:
    """Connections that share a queue of planned sendings."""

    def __init__(self, port: int) -> None:
        """Send nothing yet."""
        self.port = port
        self.planned: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()

    async def run(self, per_second: int, seconds: int) -> None:
        """Plan every sending for its moment."""
        senders = [asyncio.create_task(self._send()) for _ in range(CONNECTIONS)]
        began = time.perf_counter() + 0.2
        for number in range(per_second * seconds):
            at = began + number / per_second
            if (pause := at - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            self.planned.put_nowait((number, at))
        for _ in senders:
            self.planned.put_nowait(None)
        await asyncio.gather(*senders)

    async def _send(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while (planned := await self.planned.get()) is not None:
            number, at = planned
            writer.write(request(number))
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            self.seconds.append(time.perf_counter() - at)
            self.statuses[int(head.split(b" ", 2)[1])] += 1
        writer.close()


def measured(per_second: int, seconds: int) -> dict[str, object]:
    """Send, kill the receiver, and count what is on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        receiver = Receiver(Path(folder))
        receiver.start({"STRIPE_WEBHOOK_SECRETS": SECRET})
        senders = Senders(receiver.port)
        began = time.perf_counter()
        try:
            asyncio.run(senders.run(per_second, seconds))
        finally:
            took = time.perf_counter() - began
            receiver.end(signal.SIGKILL)
        with Store(receiver.operations) as store:
            ((kept,),) = store.rows("select count(*) from events")
    ordered = sorted(senders.seconds)
    sent = per_second * seconds
    return {
        "sent": sent,
        "kept": kept,
        "answers": dict(senders.statuses),
        "events_per_second": round(sent / took),
        **{
            f"p{share}_ms": round(1000 * ordered[int(len(ordered) * share / 100)], 1)
            for share in (50, 99)
        },
        "max_ms": round(1000 * ordered[-1], 1),
        "p99_is_in_time": ordered[int(len(ordered) * 0.99)] <= P99_SECONDS,
    }


def main() -> int:
    """Measure, report, and say whether it holds."""
    given = [int(each) for each in sys.argv[1:]]
    result = measured(*(given or [1000, 10]))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result) + "\n")
    holds = result["kept"] == result["sent"] and result["p99_is_in_time"]
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
