"""An account of one vendor, inside the test's process, and how its walks are read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from ingestion import business_central, chargebee
from ingestion.raw.typed import typed
from ingestion.readings import Arrival, Batch, Known, Page, Reading, Step
from ingestion.streams import Stream
from ingestion.transport.rest import Rest
from sandbox.clients import InProcess
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.instants import to_milliseconds
from sandbox.server import application
from sandbox.store import Store
from sandbox.world import build_world

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
# A legal entity that bills by Chargebee and keeps its books in Business Central.
_FEATURES = frozenset(("entities", "credit_notes", "payments", "lifecycle", "tiers"))
_VENDORS: Mapping[str, Any] = {
    "chargebee": chargebee,
    "business_central": business_central,
}
# Tests call more often in a minute than the smallest plan allows.
_CONDITIONS = {
    "chargebee": {"requests_per_minute": 3500},
    "business_central": {},
}

# Chargebee's lists, and the collections of the sandbox behind them.
LISTS = {
    "customers": "customer",
    "items": "item",
    "item_prices": "item_price",
    "coupons": "coupon",
    "subscriptions": "subscription",
    "invoices": "invoice",
    "credit_notes": "credit_note",
    "transactions": "transaction",
    "usages": "usage",
}
# Business Central's sets by stream, and the ids of two companies there.
SETS = {
    "companies": "companies",
    "customers": "customers",
    "items": "items",
    "accounts": "accounts",
    "sales_invoices": "salesInvoices",
    "sales_credit_memos": "salesCreditMemos",
    "general_ledger_entries": "generalLedgerEntries",
    "customer_payment_journals": "customerPaymentJournals",
    "customer_payments": "customerPayments",
}
ONE, TWO = (f"{number:08}-0000-0000-0000-000000000000" for number in (1, 2))

Documents = Mapping[str, Sequence[Any]]
Rows = dict[str, dict[str, Any]]
Kind = TypeVar("Kind", bound=Arrival)


@dataclass(frozen=True, slots=True)
class Account:
    """A vendor's account with its records, and the house's client of it."""

    system: str
    store: Store
    clock: Clock
    rest: Rest
    keys: Credentials

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Return the house's streams of the vendor."""
        return {stream.name: stream for stream in _VENDORS[self.system].STREAMS}

    def edit(self, kind: str, record_id: str, **fields: Any) -> None:
        """Let a colleague change a record."""
        self.store.update(
            self.system, kind, record_id, fields, actor="human", request_id="1"
        )

    def delete(self, kind: str, record_id: str) -> None:
        """Let a colleague delete a record."""
        self.store.delete(self.system, kind, record_id, actor="human", request_id="1")

    def documents(self, kind: str) -> dict[str, Any]:
        """Return the records that the account holds."""
        held = self.store.collection(self.system, kind)
        return {each: held.get(each) for each in held.ids()}

    def drift(self, **change: str) -> None:
        """Let the vendor change a field."""
        self.store.set_conditions({self.system: {"drift": [change]}})

    def reading(self, name: str, known: Known | None = None) -> Reading:
        """Return a walk of a load; of the first one, where nothing is known."""
        return {each.name: each for each in self.readings(known)}[name]

    def readings(self, known: Known | None = None) -> Sequence[Reading]:
        """Return the walks of a load; of the first one, where nothing is known."""
        found: Sequence[Reading] = _VENDORS[self.system].readings(known or Known(START))
        return found

    def another(self) -> Rest:
        """Return a client as another process has it, to be closed."""
        rest: Rest = _VENDORS[self.system].client(
            environment(self.system, self.keys),
            InProcess(application(self.store, self.keys)),
        )
        return rest

    def quiet(self) -> Known:
        """Return that everything was read, and listed, an hour ago."""
        then = dict.fromkeys(self.streams, START - timedelta(hours=1))
        return Known(START, then, then)

    def rows(self, pages: Sequence[Page], stream: str) -> Rows:
        """Return what arrived for a stream as typed rows: the last of an id wins."""
        found: Rows = {}
        for batch in arrived(pages, Batch):
            if batch.stream == stream:
                table, unfit = typed(self.system, self.streams[stream], batch)
                assert unfit == []
                for row in table.to_pylist():
                    found.pop(row["id"], None)
                    found[row["id"]] = row
        return found


def walked(
    rest: Rest,
    reading: Reading,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Page]:
    """Follow a reading to its end; its places go through JSON, as the core's do."""
    pages: list[Page] = []
    place = None
    while not pages or place is not None:
        page = reading.fetch(Step(rest, place, since, until))
        pages.append(page)
        place = json.loads(json.dumps(page.next))
    return pages


def arrived(pages: Sequence[Page], kind: type[Kind]) -> list[Kind]:
    """Return what of one kind arrived, in order."""
    return [each for page in pages for each in page.arrivals if isinstance(each, kind)]


def environment(system: str, keys: Credentials) -> dict[str, str]:
    """Return the settings of the vendor."""
    if system == "chargebee":
        return {
            "CHARGEBEE_URL": "https://concord.chargebee.com",
            "CHARGEBEE_API_KEY": keys.chargebee_api_key,
            "CHARGEBEE_CALLS_PER_MINUTE": "3500",
        }
    return {
        "BUSINESS_CENTRAL_TENANT": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "BUSINESS_CENTRAL_CLIENT_ID": keys.business_central_client_id,
        "BUSINESS_CENTRAL_CLIENT_SECRET": keys.business_central_client_secret,
    }


@contextmanager
def account(
    system: str, held: Documents, keys: Credentials, **settings: str
) -> Iterator[Account]:
    """Open an account that holds these documents; its clock stands."""
    clock = Clock(START, running=False)
    store = Store({}, clock)
    store.load({system: held})
    store.set_conditions({system: _CONDITIONS[system]})
    told = environment(system, keys) | settings
    way = InProcess(application(store, keys))
    with _VENDORS[system].client(told, way) as rest:
        yield Account(system, store, clock, rest, keys)


@cache
def german(system: str) -> Documents:
    """Return what a vendor knows of the group's German entity."""
    return _group()[system]


@cache
def _group() -> Mapping[str, Documents]:
    world = build_world(7, 120, 12, date(2026, 10, 31), features=_FEATURES)
    return {system: world.documents[system] for system in _VENDORS}


def customer(number: int, at: int) -> dict[str, Any]:
    """Return a customer of Chargebee who changed at an instant."""
    return {
        "id": f"cust_{number:04}",
        "object": "customer",
        "company": f"Customer {number}",
        "auto_collection": "off",
        "created_at": at,
        "deleted": False,
        "updated_at": at,
        "resource_version": at * 1000 + number,
    }


def company(key: str, name: str) -> dict[str, Any]:
    """Return a company of Business Central."""
    return {
        "_etag": 'W/"1"',
        "_company": key,
        "id": key,
        "name": name,
        "displayName": name,
        "businessProfileId": "",
        "systemVersion": "27.0",
        "lastModifiedDateTime": "2026-01-01T00:00:00.000Z",
    }


def item(number: int, at: datetime = START, owner: str = ONE) -> dict[str, Any]:
    """Return an item of Business Central that changed at an instant."""
    return {
        "_etag": f'W/"{number}"',
        "id": f"{number:08}-1111-0000-0000-000000000000",
        "number": f"I{number:04}",
        "displayName": f"Item {number}",
        "type": "Service",
        "blocked": False,
        "baseUnitOfMeasureCode": "PCS",
        "unitPrice": Decimal("0.123456789"),
        "unitCost": 0,
        "inventory": 0,
        "lastModifiedDateTime": to_milliseconds(at),
        "_company": owner,
    }
