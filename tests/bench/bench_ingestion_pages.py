"""Pages: a vendor of invoices on loopback whose pages are made before anybody asks.

    python -m tests.bench.bench_ingestion_pages --rows 100000

One row has 20 leaf columns in about 500 bytes, with amounts of up to 17 digits. The
answers only have to be sent, so that the reader is what is measured. Prints one line
of JSON, `{"url": …}`, when it is ready.
"""

import argparse
import json
import socketserver
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

PAGE = 1000
# One in a hundred rows changes: half of those are new. Of a million that is 10,000.
CHANGES = 0.01
# Time between two changes of the vendor's records: a million in two years, and fifteen
# in the quarter of an hour that two loads overlap.
_STEP = timedelta(minutes=1)
_STATUSES = ("draft", "open", "paid", "void", "uncollectible")
_CURRENCIES = ("USD", "EUR", "GBP", "JPY")
_PLACES = (("DE", "Berlin"), ("US", "New York"), ("GB", "Leeds"), ("JP", "Kyoto"))
_ROW = (
    '{"id":"in_%(id)012d","number":"INV-2026-%(id)08d","status":"%(status)s",'
    '"currency":"%(currency)s","customer":{"id":"cus_%(customer)010d",'
    '"name":"Customer number %(customer)d Ltd","email":"billing@c%(customer)d.example"}'
    ',"address":{"country":"%(country)s","city":"%(city)s"},"amount":%(amount)s,'
    '"tax":%(tax)s,"discount":%(discount)s,"quantity":%(quantity)d,'
    '"owner_id":%(owner)d,"is_recurring":%(recurring)s,"issued_on":"%(day)s",'
    '"due_on":"%(day)s","created_at":"%(created)s","updated_at":"%(updated)s",'
    '"memo":%(memo)s}'
)
_MEMO = '"Annual subscription, billed in advance; terms as agreed, see the order form"'


@dataclass(frozen=True, slots=True)
class Truth:
    """What the vendor holds: rows, and the sum of their amounts in hundredths.

    Of everything, and with the changes that come after it.
    """

    rows: int
    cents: int
    rows_then: int
    cents_then: int


def amount(number: int, version: int) -> int:
    """Return a row's amount in hundredths: of one to 17 digits, all of them used."""
    digits: int = 10 ** (2 + number % 16)
    return (number * 48_271_000_003 + version * 97 + 13) % digits


def invoice(number: int, version: int, created: str, updated: str) -> bytes:
    """Return the JSON of one row."""
    country, city = _PLACES[number % 4]
    cents = amount(number, version)
    row = _ROW % {
        "id": number,
        "status": _STATUSES[(number + version) % 5],
        "currency": _CURRENCIES[number % 4],
        "customer": number % 50_000,
        "country": country,
        "city": city,
        "amount": _decimal(cents),
        "tax": _decimal(cents // 5),
        "discount": _decimal(number % 1000),
        "quantity": number % 100,
        "owner": number % 500,
        "recurring": "true" if number % 3 else "false",
        "day": created[:10],
        "created": created,
        "updated": updated,
        "memo": "null" if number % 7 == 0 else _MEMO,
    }
    return row.encode()


def _decimal(cents: int) -> str:
    whole, part = divmod(cents, 100)
    return f"{whole}.{part:02}"


class Vendor:
    """The records: pages of everything, and the changes of those who ask since when."""

    def __init__(self, rows: int, now: datetime) -> None:
        """Make all pages; the last change lies well before `now`."""
        self.calls = 0
        self._rows = rows
        self._changes = int(rows * CHANGES)
        self._begins = now - (rows + self._changes + 60) * _STEP
        self._cents = 0
        # Who asks for changes wants the last ones: only those are kept one by one.
        self._recent: list[tuple[str, bytes]] = []
        self._pages = list(self._made())
        self._recent += self._changed()

    def _made(self) -> Iterator[bytes]:
        for first in range(0, self._rows, PAGE):
            numbers = range(first, min(first + PAGE, self._rows))
            made = [self._invoice(number, number) for number in numbers]
            self._cents += sum(amount(number, 0) for number in numbers)
            self._recent = made
            yield b",".join(row for _, row in made)

    def _invoice(self, number: int, minute: int, version: int = 0) -> tuple[str, bytes]:
        created = _text(self._begins + number * _STEP)
        updated = _text(self._begins + minute * _STEP)
        return updated, invoice(number, version, created, updated)

    def _changed(self) -> Iterator[tuple[str, bytes]]:
        """Yield what changes after that: old rows and new ones, in turn."""
        for place, old in enumerate(self._olds()):
            yield self._invoice(old, self._rows + 2 * place, 1)
            yield self._invoice(self._rows + place, self._rows + 2 * place + 1)

    def _olds(self) -> range:
        half = self._changes // 2
        apart = self._rows // half if half else 1
        return range(0, half * apart, apart)

    def truth(self) -> Truth:
        """Return what is there."""
        olds = self._olds()
        news = range(self._rows, self._rows + len(olds))
        more = sum(amount(old, 1) - amount(old, 0) for old in olds)
        more += sum(amount(new, 0) for new in news)
        return Truth(
            self._rows, self._cents, self._rows + len(olds), self._cents + more
        )

    def answer(self, after: int, since: str | None) -> bytes:
        """Return a page of everything, or of what changed since a moment."""
        self.calls += 1
        if since is None:
            last = after + 1 >= len(self._pages)
            return _envelope(self._pages[after], None if last else after + 1)
        found = [row for updated, row in self._recent if updated >= since]
        rows = found[after * PAGE : (after + 1) * PAGE]
        last = (after + 1) * PAGE >= len(found)
        return _envelope(b",".join(rows), None if last else after + 1)


def _envelope(rows: bytes, following: int | None) -> bytes:
    place = b"null" if following is None else b'"%d"' % following
    return b'{"data":[%b],"next":%b}' % (rows, place)


def _text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds').removesuffix('+00:00')}Z"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.vendor = vendor
        self.lock = threading.Lock()


class _Answers(socketserver.StreamRequestHandler):
    """One kept connection."""

    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        while asked := self.rfile.readline():
            while self.rfile.readline() not in (b"\r\n", b""):
                pass  # headers say nothing that matters here
            with self.server.lock:
                body = self._body(asked.split()[1].decode())
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body)
            )
            self.wfile.write(body)

    def _body(self, target: str) -> bytes:
        parts = urlsplit(target)
        vendor = self.server.vendor
        match parts.path:
            case "/invoices":
                asked = {name: each[0] for name, each in parse_qs(parts.query).items()}
                after = int(asked.get("after", "0"))
                return vendor.answer(after, asked.get("updated_after"))
            case "/truth":
                return json.dumps(asdict(vendor.truth())).encode()
            case "/calls":
                return json.dumps(vendor.calls).encode()
        raise ValueError(target)


def main(given: Sequence[str] | None = None) -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, required=True)
    rows = parser.parse_args(given).rows
    now = datetime.now(UTC).replace(microsecond=0)
    with _Server(Vendor(rows, now)) as server:
        port = server.server_address[1]
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}"}) + "\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
