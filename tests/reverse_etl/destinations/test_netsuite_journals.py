"""Journals: closed batches become drafts in NetSuite, each once, and post nothing."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import Unknown
from operations.exceptions import open_exceptions
from reverse_etl.contract import load_contract
from reverse_etl.described import describe
from reverse_etl.guard import guard
from reverse_etl.plan import Plan, make_plan
from reverse_etl.policy import load_policy
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from reverse_etl.settle import settle
from sandbox.credentials import Credentials
from tests.reverse_etl.destinations.place import Place, opened
from tests.reverse_etl.destinations.targets import NETSUITE
from tests.reverse_etl.support import START, build_warehouse

MODELS = Path(__file__).parents[3] / "transform" / "models"
DRAFTS = "revenue_journal_drafts"
COLUMNS = (
    "journal_batch_id text, entity text, currency text, posts_on date,"
    " journal_currency text, memo text, netsuite_subsidiary_id text,"
    " netsuite_lines text, netsuite_journal_id text"
)
DEFERRED, REVENUE = "4", "5"


class Export:
    """Batches of closed months, and the NetSuite that they are exported to."""

    def __init__(self, place: Place, folder: Path) -> None:
        """Take the contract of the model as it is; nothing is closed yet."""
        (folder / "revenue").mkdir()
        shutil.copy(MODELS / "revenue" / f"{DRAFTS}.yml", folder / "revenue")
        self.contract = load_contract(folder)
        self.place = place
        self.path = folder / "warehouse.duckdb"
        self.batches: list[dict[str, Any]] = []

    def close(self, month: str, *lines: tuple[str, int, str], **other: Any) -> str:
        """Close a month with one batch; return the batch."""
        batch = f"revenue-US-primary-USD-{month}"
        self.batches.append(
            {
                "journal_batch_id": batch,
                "entity": "US",
                "currency": "USD",
                "posts_on": f"{month}-28",
                "journal_currency": "USD",
                "memo": f"Revenue subledger {month}",
                "netsuite_subsidiary_id": "1",
                "netsuite_lines": json.dumps(lines, separators=(",", ":")),
            }
            | other
        )
        return batch

    def journals(self) -> list[Mapping[str, Any]]:
        """Return the journals of ours that NetSuite holds."""
        held = self.place.store.collection("netsuite", "journalentry")
        return [each for each in held if str(each["externalid"]).startswith("revenue")]

    def lines(self, journal: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Return the lines of a journal: account, amount, memo."""
        held = self.place.store.collection("netsuite", "transactionline")
        return [
            (each["account"], str(each["foreignamount"]), each["memo"])
            for each in held
            if each["transaction"] == journal["id"]
        ]

    def load(self) -> Path:
        """Write the warehouse as an ingestion of what NetSuite holds now."""
        seen = {each["externalid"]: each["id"] for each in self.journals()}
        rows = [
            each | {"netsuite_journal_id": seen.get(each["journal_batch_id"])}
            for each in self.batches
        ]
        return build_warehouse(
            self.path,
            {
                f"revenue.{DRAFTS}": (COLUMNS, rows),
                "staging.stg_netsuite__journal_entries": (
                    "netsuite_journal_id text, is_deleted boolean",
                    [{"netsuite_journal_id": each} for each in seen.values()],
                ),
            },
        )

    def plan(self) -> Plan:
        """Load, then plan with what NetSuite says of its fields."""
        there = {"netsuite": self.place.destination}
        return make_plan(
            self.load(),
            self.contract,
            self.place.ledger,
            made_at=START,
            described=describe(there, {("netsuite", "journalEntry")}),
        )

    def run(self) -> dict[str, str]:
        """Plan, guard by the house's own policy, push and read back."""
        there = {"netsuite": self.place.destination}
        ledger, clock = self.place.ledger, self.place.clock
        guard(self.plan(), ledger, load_policy(self.path.parent / "none.yml"), START)
        push(ledger, there, clock, pause=clock.pause)
        read_back(ledger, there, clock)
        return self.states()

    def states(self) -> dict[str, str]:
        """Return the state of each batch."""
        outcomes = self.place.ledger.outcomes()
        return {key.rpartition(":")[2]: state for key, state in outcomes.items()}


@pytest.fixture
def export(keys: Credentials, tmp_path: Path) -> Iterator[Export]:
    """NetSuite, with a ledger of ours and nothing closed."""
    with opened(NETSUITE, keys, tmp_path) as place:
        for period in place.store.collection("netsuite", "accountingperiod"):
            if period["startdate"].startswith("2026"):
                still_open = {"closed": "F", "alllocked": "F"}
                at = ("netsuite", "accountingperiod", period["id"])
                place.store.update(*at, still_open, actor="human", request_id="1")
        yield Export(place, tmp_path)


def test_a_closed_batch_becomes_one_draft_that_posts_nothing(export: Export) -> None:
    """Dated, balanced, in its entity's books, waiting for a person in NetSuite."""
    batch = export.close(
        "2026-09", (DEFERRED, 1250, "deferred"), (REVENUE, -1250, "revenue")
    )

    states = export.run()

    [journal] = export.journals()
    assert states == {batch: "confirmed"}
    assert (journal["externalid"], journal["trandate"]) == (batch, "2026-09-28")
    assert (journal["status"], journal["approved"]) == ("Pending Approval", "F")
    assert (journal["subsidiary"], journal["currency"]) == ("1", "USD")
    assert export.lines(journal) == [
        (DEFERRED, "12.5", "deferred"),
        (REVENUE, "-12.5", "revenue"),
    ]


def test_what_ingestion_saw_is_acknowledged_and_not_planned_again(
    export: Export,
) -> None:
    """The second plan is empty, and the write is settled by another way of reading."""
    batch = export.close("2026-09", (DEFERRED, 5, "deferred"), (REVENUE, -5, "revenue"))
    export.run()

    second = export.plan()
    settle(export.place.ledger, export.load(), export.contract, START)

    assert (second.changes, second.issues) == ((), ())
    assert export.states() == {batch: "settled"}


@pytest.mark.parametrize("kind", ["lost_response", "lost_request"])
def test_a_lost_answer_makes_no_second_journal(export: Export, kind: str) -> None:
    """What became of the first is read before anything is sent again."""
    batch = export.close("2026-09", (DEFERRED, 5, "deferred"), (REVENUE, -5, "revenue"))
    export.place.faults.plan([{"system": "netsuite", "method": "PUT", "kind": kind}])

    export.run()
    states = export.run()

    assert states == {batch: "confirmed"}
    assert len(export.journals()) == 1
    assert len(export.lines(export.journals()[0])) == 2


def test_a_journal_sent_twice_replaces_its_lines(export: Export) -> None:
    """Should two runners ever send it, NetSuite holds one, with its lines once."""
    export.close("2026-09", (DEFERRED, 5, "deferred"), (REVENUE, -5, "revenue"))
    [change] = export.plan().changes
    batch = export.place.outgoing(change)

    first, second = export.place.post(batch), export.place.post(batch)

    assert first == second
    assert len(export.journals()) == 1
    assert len(export.lines(export.journals()[0])) == 2


def test_an_account_that_is_refused_stops_one_batch_alone(export: Export) -> None:
    """One exception, with NetSuite's words and what to do; the others arrive."""
    good = [
        export.close(
            f"2026-0{month}", (DEFERRED, 5, "deferred"), (REVENUE, -5, "revenue")
        )
        for month in range(1, 8)
    ]
    bad = export.close("2026-08", ("999", 5, "deferred"), (REVENUE, -5, "revenue"))

    states = export.run()

    assert states == {bad: "rejected", **dict.fromkeys(good, "confirmed")}
    [found] = open_exceptions(export.place.ledger.store)
    assert found.broken.kind == "rejected"
    assert found.broken.record_key == f"netsuite:journalentry:key:{bad}"
    assert "Invalid Field Value 999" in found.broken.subject
    assert "journal_accounts" in found.broken.subject


def test_a_closed_period_says_who_opens_it(export: Export) -> None:
    """A draft is refused there as any transaction is; nothing is dated otherwise."""
    batch = export.close("2026-09", (DEFERRED, 5, "deferred"), (REVENUE, -5, "revenue"))
    export.place.store.set_conditions({"netsuite": {"closed_through": "2026-09-30"}})

    states = export.run()

    assert states == {batch: "rejected"}
    [found] = open_exceptions(export.place.ledger.store)
    assert "posting period for this date is closed" in found.broken.subject
    assert "Override Period Restrictions" in found.broken.subject
    assert export.journals() == []


def test_a_held_batch_is_not_planned(export: Export) -> None:
    """Without lines there is nothing that could be posted."""
    export.close("2026-09", netsuite_lines=None)

    assert export.plan().changes == ()


def test_an_outcome_that_stays_unknown_is_not_sent_again(export: Export) -> None:
    """While NetSuite cannot be read, the journal waits to be looked for."""
    batch = export.close("2026-09", (DEFERRED, 5, "deferred"), (REVENUE, -5, "revenue"))
    [change] = export.plan().changes
    export.place.faults.plan(
        [{"system": "netsuite", "method": "PUT", "kind": "lost_response"}]
    )

    [answer] = export.place.post(export.place.outgoing(change))

    assert isinstance(answer.fault, Unknown)
    assert answer.fault.record_id == batch
