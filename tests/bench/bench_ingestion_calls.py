"""Calls: how many a load makes of each vendor, and the least that arithmetic allows.

The vendors are those of the conformance kit: the sandbox behind a wire that counts.
Calls for a token are left out. What a vendor holds is counted in the sandbox's store,
and the minimum follows from that alone, by the formulas of the design's vendor facts,
section 3: pages as full as they can be, and every list asked for at least once.
"""

import hashlib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from ingestion import salesforce
from ingestion.load import EVERYTHING, Wanted
from sandbox.clock import Clock
from sandbox.credentials import credentials
from sandbox.server import application, running
from sandbox.store import Store
from tests.bench.report import Figure, compared, say
from tests.conformance.account import Account, Office
from tests.conformance.source import Source
from tests.conformance.sources import SOURCES
from tests.conformance.wire import Wire

TARGET = 1.05
LONG_AGO = Wanted(since=datetime(2000, 1, 1, tzinfo=UTC))
Counts = Mapping[str, int]
_INSIDE = 10  # of a list inside of an object, Stripe shows so many
_ASSOCIATED = 1000
_PIECE = 250


@dataclass(frozen=True, slots=True)
class Trial:
    """One way of reading a vendor.

    Attributes:
        name: of the way.
        source: the vendor.
        page: how many records make a page here.
        formula: of the least number of calls, for people.
        least: the least number of calls for what an account holds.
        objects: how many lists there are, each of which may be asked for once when
            nothing changed; 0 where that is not tried.
        prepare: makes pages that small, or lets a way be taken.
        wanted: what is loaded.
    """

    name: str
    source: str
    page: int
    formula: str
    least: Callable[[Account, Counts, int], int]
    objects: int
    prepare: Callable[[pytest.MonkeyPatch, int], None] | None = None
    wanted: Wanted = EVERYTHING


def pages(count: int, page: int) -> int:
    """Return how many calls a list takes: one, though it be empty."""
    return max(1, math.ceil(count / page))


def _lists(account: Account, counts: Counts, page: int) -> int:
    del account
    return sum(pages(count, page) for count in counts.values())


def _salesforce(account: Account, counts: Counts, page: int) -> int:
    return math.ceil(len(counts) / 25) + _lists(account, counts, page)


def _bulk(account: Account, counts: Counts, page: int) -> int:
    """Of what a job reads: to make it, to look at it, its pieces."""
    looked = re.compile(r"GET \S*/jobs/query/\w+\?")
    looks = sum(1 for each in account.calls() if looked.match(each.asks))
    least = math.ceil(len(counts) / 25) + looks
    for count in counts.values():
        is_bulk = count - page >= 2 * page
        least += 1 + pages(count, _PIECE) if is_bulk else pages(count, page)
    return least


def _prepare_bulk(patched: pytest.MonkeyPatch, page: int) -> None:
    sizes = salesforce.Sizes(page=page, bulk=2 * page, piece=_PIECE)
    patched.setattr(salesforce, "readings", partial(salesforce.readings, sizes=sizes))


def _hubspot(
    account: Account, counts: Counts, page: int, *, is_search: bool = False
) -> int:
    least = pages(counts["owners"], 500) + (not is_search)
    for name, count in counts.items():
        if "_" in name and name != "line_items":  # associations
            origin = name.removesuffix("_" + name.rpartition("_")[2])
            least += pages(counts[origin], _ASSOCIATED)
        elif name != "owners":
            archived = [one for one in account.documents(name) if one.get("archived")]
            least += pages(count - len(archived), page)
            least += 0 if is_search else pages(len(archived), page)
    return least


def _stripe(account: Account, counts: Counts, page: int) -> int:
    """Lists, the rest of long lists inside of objects, usage, payouts' contents."""
    inside = ("_items", "_lines", "invoice_payments", "_summaries", "payout_transac")
    least = sum(
        pages(count, page)
        for name, count in counts.items()
        if name == "invoice_items" or not any(part in name for part in inside)
    )
    for name, part in (
        *(("invoice", "lines"), ("credit_note", "lines"), ("subscription", "items")),
    ):
        for document in account.documents(name):
            rest = len(document[part]["data"]) - _INSIDE
            least += math.ceil(max(rest, 0) / page)
    return least + _usage(account, page) + _payouts(account, page)


def _usage(account: Account, page: int) -> int:
    """Every customer's use of every meter that it pays for is a list of its own."""
    used: dict[tuple[str, str], int] = {}
    for subscription in account.documents("subscription"):
        for item in subscription["items"]["data"]:
            meter = (item["price"]["recurring"] or {}).get("meter")
            if meter:
                used[subscription["customer"], meter] = 0
    for day in account.documents("billing.meter_event_summary"):
        pair = (day["_customer"], day["meter"])
        if pair in used:
            used[pair] += 1
    return sum(pages(count, page) for count in used.values())


def _payouts(account: Account, page: int) -> int:
    members: dict[str, int] = {
        each["id"]: 0
        for each in account.documents("payout")
        if each["reconciliation_status"] == "completed"
    }
    for each in account.documents("balance_transaction"):
        if each.get("_payout") in members:
            members[each["_payout"]] += 1
    return sum(pages(count, page) for count in members.values())


def _chargebee(account: Account, counts: Counts, page: int) -> int:
    tables = ("customers", "items", "item_prices", "coupons", "subscriptions")
    others = ("invoices", "credit_notes", "transactions", "usages")
    return _lists(account, {name: counts[name] for name in tables + others}, page)


def _business_central(account: Account, counts: Counts, page: int) -> int:
    lists = {name: each for name, each in counts.items() if "_lines" not in name}
    return _lists(account, lists, page)


def source_of(name: str) -> Source:
    """Return the kit's entry of a vendor."""
    return next(each for each in SOURCES if each.name == name)


_NOT = {True: "", False: "NOT "}
_LISTS = "Σ⌈N/page⌉"
TRIALS: Sequence[Trial] = (
    Trial(
        "Salesforce REST",
        "salesforce",
        200,
        f"⌈objects/25⌉ + {_LISTS}",
        _salesforce,
        18,
        source_of("salesforce").small,
    ),
    Trial(
        "Salesforce Bulk 2.0",
        "salesforce",
        200,
        f"⌈objects/25⌉ + Σ(1 + looks + ⌈N/{_PIECE}⌉), small objects ⌈N/page⌉",
        _bulk,
        0,
        _prepare_bulk,
    ),
    Trial(
        "HubSpot list",
        "hubspot",
        100,
        f"{_LISTS}, archived ones too, + Σ⌈N/1000⌉ associations",
        _hubspot,
        13,
    ),
    Trial(
        "HubSpot search",
        "hubspot",
        200,
        f"{_LISTS} + Σ⌈N/1000⌉ associations",
        partial(_hubspot, is_search=True),
        0,
        wanted=LONG_AGO,
    ),
    Trial(
        "Stripe lists",
        "stripe",
        100,
        f"{_LISTS} + long lists inside + usage by customer + payouts",
        _stripe,
        17,
    ),
    Trial(
        "Chargebee",
        "chargebee",
        10,
        _LISTS,
        _chargebee,
        9,
        source_of("chargebee").small,
    ),
    Trial(
        "Zendesk exports", "zendesk", 100, _LISTS, _lists, 3, source_of("zendesk").small
    ),
    Trial(
        "NetSuite SuiteQL",
        "netsuite",
        100,
        _LISTS,
        _lists,
        6,
        source_of("netsuite").small,
    ),
    Trial(
        "Business Central",
        "business_central",
        20,
        _LISTS,
        _business_central,
        9,
        source_of("business_central").small,
    ),
    Trial("Vitally, declared", "vitally", 100, _LISTS, _lists, 4),
)


@contextmanager
def opened(folder: Path) -> Iterator[Office]:
    """Open the server behind which all vendors of the kit stand, one at a time."""
    keys = credentials(7)
    wire = Wire(application(Store({}, Clock()), keys))
    with running(wire, folder / "keys") as served:
        yield Office(wire, served.environment, keys, folder)


@contextmanager
def account_of(
    office: Office, vendor: str, customers: int, home: Path
) -> Iterator[Account]:
    """Open an account of a company of that size, in time that pauses move."""
    home.mkdir()
    source = replace(source_of(vendor), customers=customers)
    with pytest.MonkeyPatch.context() as patched:
        yield office.open(source, home, patched)


def counted(account: Account) -> dict[str, int]:
    """Return how many records the vendor holds for each raw table."""
    found = {}
    for name, held in account.source.held.items():
        if isinstance(held, str):
            found[name] = len(account.documents(held))
        else:
            found[name] = len(held(account.store))
    return found


def measured(folder: Path, customers: int) -> Iterator[Figure]:
    """Yield the calls of a first load, and of one when nothing changed."""
    with opened(folder) as office:
        for number, trial in enumerate(TRIALS):
            say(f"Counting calls: {trial.name} ...")
            home = folder / f"calls{number}"
            with account_of(office, trial.source, customers, home) as account:
                yield _first(account, trial)
                if trial.objects:
                    yield _quiet(account, trial)


def _first(account: Account, trial: Trial) -> Figure:
    with pytest.MonkeyPatch.context() as patched:
        if trial.prepare:
            trial.prepare(patched, trial.page)
        account.load(trial.wanted)
    counts, calls = counted(account), len(account.calls())
    size = f"{sum(counts.values()):,} rows, {trial.page} a page; {trial.formula}"
    least = trial.least(account, counts, trial.page)
    return compared(
        f"calls: {trial.name}", size, calls, "calls", against=least, target=TARGET
    )


def _quiet(account: Account, trial: Trial) -> Figure:
    """Load again; a file that was written to meets no target."""
    before = _hash(account.place.warehouse)
    account.load()
    is_untouched = _hash(account.place.warehouse) == before
    size = f"{trial.objects} objects; the warehouse is {_NOT[is_untouched]}untouched"
    name = f"calls, nothing changed: {trial.name}"
    target = 1.0 if is_untouched else 0.0
    calls = len(account.calls())
    objects = trial.objects
    return compared(name, size, calls, "calls", against=objects, target=target)


def _hash(file: Path) -> bytes:
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").digest()
