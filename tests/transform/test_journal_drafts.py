"""Journal drafts: closed lines become balanced journals on the accounts of an ERP.

The models run over invented records of closed months, as dbt writes them.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROLES = ("deferred", "revenue", "accounts_receivable", "contract_asset")
ACCOUNTS = {
    "deferred": "2400",
    "revenue": "4000",
    "accounts_receivable": "4000",
    "contract_asset": "1300",
}
BUILT = (
    "revenue_journal_draft_lines",
    "revenue_journal_drafts",
    "revenue_ledger_movements",
)
CHECKS = {
    "R06": "rec_revenue__gl__deferred",
    "R07": "rec_revenue__gl__contract_assets",
    "R08": "rec_revenue__gl__revenue",
    "R21": "rec_revenue__erp__journals",
}
# One batch, and the journal that the ERP makes of it.
BATCH = "revenue-US-primary-EUR-2026-07"
PAIRS_OF_BATCH = (
    ("US", 0, False, "deferred", "revenue", 3),
    ("US", 0, True, "contract_asset", "revenue", 2),
)
EXPORTED = (
    (BATCH, "draft", "a2400", "deferred", 3),
    (BATCH, "draft", "a1300", "contract_asset, corrects 2026-01", 2),
    (BATCH, "draft", "a4000", "revenue", -3),
    (BATCH, "draft", "a4000", "revenue, corrects 2026-01", -2),
)
MONTHS = (date(2026, 7, 1), date(2026, 8, 1))
# Entity, month, month that it corrects or not, debit, credit, functional amount.
Pair = tuple[str, int, bool, str, str, int]
PAIRS = st.lists(
    st.tuples(
        st.sampled_from(["US", "UK"]),
        st.sampled_from([0, 1]),
        st.booleans(),
        st.sampled_from(ROLES),
        st.sampled_from(ROLES),
        st.integers(-3, 3),
    ),
    max_size=8,
)


@dataclass
class Books:
    """A warehouse with recorded lines of closed months, and what the ERP holds."""

    connection: duckdb.DuckDBPyConnection
    models: Mapping[str, str]

    def build(
        self,
        pairs: Sequence[Pair],
        accounts: Mapping[str, str] = ACCOUNTS,
        seen: Sequence[tuple[str, str, str, str, int]] = (),
    ) -> None:
        """Build the drafts of some postings.

        `seen` are lines in the ERP: external id, status, account, memo and amount.
        """
        run = self.connection.execute
        run(
            "create or replace table revenue.revenue_closed_lines (journal_line_id"
            " text, direction bigint, entity text, currency text, functional_currency"
            " text, month date, corrects_month date, account_role text, amount_minor"
            " bigint, functional_minor bigint, closed_on date)"
        )
        for number, pair in enumerate(pairs):
            entity, month, corrects, debit, credit, amount = pair
            for role, signed in ((debit, amount), (credit, -amount)):
                run(
                    "insert into revenue.revenue_closed_lines values"
                    " (?, 1, ?, 'EUR', 'USD', ?, ?, ?, 0, ?, ?)",
                    [
                        f"{number}{role}{signed}",
                        entity,
                        MONTHS[month],
                        date(2026, 1, 1) if corrects else None,
                        role,
                        signed,
                        date(2026, 9, 4),
                    ],
                )
        run(
            "create or replace table staging.journal_accounts as select 'netsuite' as"
            " erp_system, role as account_role, number as account_number from (values"
            f" {', '.join(str(each) for each in accounts.items()) or '(null, null)'})"
            " as named(role, number)"
        )
        run(
            "create or replace table canonical.journal_lines (erp_system text,"
            " external_id text, erp_journal_id text, status text, erp_account_id text,"
            " memo text, amount_minor bigint, currency text, legal_entity_code text,"
            " posted_on date)"
        )
        for batch, status, account, memo, amount in seen:
            run(
                "insert into canonical.journal_lines values"
                " ('netsuite', ?, '77', ?, ?, ?, ?, 'USD', ?, ?)",
                [
                    batch,
                    status,
                    account,
                    memo,
                    amount,
                    batch[8:10],
                    date.fromisoformat(f"{batch[-7:]}-28"),
                ],
            )
        for model in BUILT:
            run(f"create or replace table revenue.{model} as {self.models[model]}")

    def breaks(self) -> dict[str, list[tuple[str, int]]]:
        """Return what each check finds: what it says there is, and the difference."""
        return {
            check: self.connection.execute(
                "select right_value, difference_minor from"
                f" ({self.models[model]}) order by all"
            ).fetchall()
            for check, model in CHECKS.items()
        }

    def drafts(self) -> dict[str, dict[str, Any]]:
        """Return the drafts by batch."""
        answer = self.connection.execute("select * from revenue.revenue_journal_drafts")
        names = [column[0] for column in answer.description]
        rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        return {row["journal_batch_id"]: row for row in rows}


@pytest.fixture(scope="module")
def books(revenue_models: Mapping[str, str], dbt: Any) -> Iterator[Books]:
    """Return books of two entities in NetSuite, with nothing closed."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        for schema in ("revenue", "canonical", "staging"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table canonical.legal_entities as select * from (values"
            " ('US', 'netsuite', '1'), ('UK', 'netsuite', '2'))"
            " as known(legal_entity_code, erp_system, erp_entity_id)"
        )
        connection.execute(
            "create table canonical.gl_accounts as select 'netsuite' as erp_system,"
            " number, 'g' || number as gl_account_id, 'a' || number as"
            " erp_account_id, number as name, null::text as legal_entity_code,"
            " true as is_active from (values ('2400'), ('4000'), ('1300'))"
            " as held(number)"
        )
        connection.execute(
            "create table staging.currencies as"
            " select 'USD' as currency, 100 as minor_per_major"
        )
        connection.execute(
            "create table canonical.gl_entries (erp_system text, legal_entity_code"
            " text, posted_on date, gl_account_id text, document_type text,"
            " currency text, debit_minor bigint, credit_minor bigint)"
        )
        compiled = dbt.run("compile", "--select", *CHECKS.values()).results
        checks = {each.node.name: each.node.compiled_code for each in compiled}
        yield Books(connection, {**revenue_models, **checks})


@settings(max_examples=15, deadline=None)
@given(pairs=PAIRS)
def test_drafts_are_the_recorded_lines_and_balance(
    books: Books, pairs: list[Pair]
) -> None:
    """Of each batch, account and corrected month: to the minor unit, and in all 0."""
    books.build(pairs)

    recorded: Counter[tuple[str, str, bool]] = Counter()
    for entity, month, corrects, debit, credit, amount in pairs:
        batch = f"revenue-{entity}-primary-EUR-{MONTHS[month]:%Y-%m}"
        recorded[batch, debit, corrects] += amount
        recorded[batch, credit, corrects] -= amount
    exported: Counter[tuple[str, str, bool]] = Counter()
    for batch, draft in books.drafts().items():
        lines = json.loads(draft["netsuite_lines"])
        assert sum(amount for _, amount, _ in lines) == 0
        debits = sum(amount for _, amount, _ in lines if amount > 0)
        assert draft["debit_minor"] == debits > 0
        for account, amount, memo in lines:
            role, _, corrects = memo.partition(", corrects ")
            assert account == f"a{ACCOUNTS[role]}"
            assert corrects in ("", "2026-01")
            exported[batch, role, bool(corrects)] += amount
    assert exported == Counter({key: value for key, value in recorded.items() if value})


def test_a_batch_is_dated_at_the_end_of_its_month_in_the_functional_currency(
    books: Books,
) -> None:
    """A journal has one rate and its lines have many: it tells what they came to."""
    books.build([("UK", 0, False, "deferred", "revenue", 3)])

    [draft] = books.drafts().values()

    assert draft["posts_on"] == date(2026, 7, 31)
    assert (draft["journal_currency"], draft["currency"]) == ("USD", "EUR")
    assert draft["netsuite_subsidiary_id"] == "2"
    assert draft["lines_hash"] in draft["memo"]
    assert len(draft["memo"]) <= 300


@pytest.mark.parametrize(
    ("accounts", "why"),
    [
        (
            {"deferred": "2400"},
            "journal_accounts names no account of netsuite for revenue",
        ),
        ({**ACCOUNTS, "revenue": "4711"}, "netsuite has no active account 4711"),
    ],
)
def test_a_role_without_an_account_holds_its_batch_alone(
    books: Books, accounts: Mapping[str, str], why: str
) -> None:
    """Nothing goes to an account that nobody named, and others do not wait for it."""
    books.build(
        [
            ("US", 0, False, "deferred", "revenue", 3),
            ("UK", 0, False, "deferred", "deferred", 0),
            ("UK", 1, True, "deferred", "deferred", 2),
            ("UK", 1, False, "deferred", "deferred", -2),
        ],
        accounts,
    )

    [draft] = books.drafts().values()

    assert (draft["held_because"], draft["netsuite_lines"]) == (why, None)


def test_a_journal_is_acknowledged_when_it_is_seen(books: Books) -> None:
    """By the batch that it carries, as a draft or posted."""
    batch = "revenue-US-primary-EUR-2026-07"
    pairs = [("US", 0, False, "deferred", "revenue", 3)]

    books.build(pairs)
    before = books.drafts()[batch]
    books.build(pairs, seen=[(batch, "draft", "a2400", "deferred", 3)])
    after = books.drafts()[batch]

    assert (before["is_acknowledged"], before["netsuite_journal_id"]) == (False, None)
    assert (after["is_acknowledged"], after["netsuite_journal_id"]) == (True, "77")
    assert after["erp_status"] == "draft"
    assert before["netsuite_lines"] == after["netsuite_lines"]


def test_a_journal_that_is_as_it_was_exported_breaks_nothing(books: Books) -> None:
    """A draft counts as the journal that it will be."""
    books.build(PAIRS_OF_BATCH, seen=EXPORTED)

    assert books.breaks() == {check: [] for check in CHECKS}
    assert books.connection.execute(
        "select purpose, subledger_minor, gl_minor"
        " from revenue.revenue_ledger_movements order by purpose"
    ).fetchall() == [
        ("contract_asset", 2, 2),
        ("deferred", 3, 3),
        ("revenue", -5, -5),
    ]


def test_without_journals_in_the_erp_there_is_nothing_to_compare(books: Books) -> None:
    """The checks then do not run; only the missing journal itself is a break."""
    books.build(PAIRS_OF_BATCH)

    assert books.breaks() == {
        "R06": [],
        "R07": [],
        "R08": [],
        "R21": [("not there", 5)],
    }
    assert books.connection.execute(
        "select count(*) from revenue.revenue_ledger_movements"
    ).fetchall() == [(0,)]


def test_a_journal_by_hand_is_a_break_of_its_account(books: Books) -> None:
    """What somebody else posts to deferred revenue is no part of the subledger."""
    by_hand = "by-hand US 2026-07"
    seen = [
        *EXPORTED,
        (by_hand, "posted", "a2400", "correction", 7),
        (by_hand, "posted", "a4000", "correction", -7),
    ]

    books.build(PAIRS_OF_BATCH, seen=seen)

    assert books.breaks() == {
        "R06": [("0.10", -7)],
        "R07": [],
        "R08": [("-0.12", 7)],
        "R21": [],
    }


def test_a_contract_asset_is_compared_as_deferred_revenue_is(books: Books) -> None:
    """What somebody takes off it by hand is a break of that account alone."""
    by_hand = "by-hand US 2026-07"
    seen = [*EXPORTED, (by_hand, "posted", "a1300", "correction", -1)]

    books.build(PAIRS_OF_BATCH, seen=seen)

    assert books.breaks() == {
        "R06": [],
        "R07": [("0.01", 1)],
        "R08": [],
        "R21": [],
    }


def test_a_draft_that_was_changed_there_is_a_break(books: Books) -> None:
    """Of the journal, by its lines, and of the accounts that they are on."""
    changed = [(*EXPORTED[0][:4], 4), *EXPORTED[1:3], (*EXPORTED[3][:4], -3)]

    books.build(PAIRS_OF_BATCH, seen=changed)

    assert books.breaks() == {
        "R06": [("0.04", -1)],
        "R07": [],
        "R08": [("-0.06", 1)],
        "R21": [("2 lines differ", 5)],
    }


def test_a_rejected_journal_is_a_break_and_nothing_is_compared(books: Books) -> None:
    """It is in no ledger and never will be."""
    rejected = [(batch, "rejected", *line) for batch, _, *line in EXPORTED]

    books.build(PAIRS_OF_BATCH, seen=rejected)

    assert books.breaks() == {
        "R06": [],
        "R07": [],
        "R08": [],
        "R21": [("rejected or voided", 5)],
    }


def test_a_held_batch_says_why(books: Books) -> None:
    """An unmapped role is a break, never a silent zero."""
    books.build(PAIRS_OF_BATCH, {"deferred": "2400", "contract_asset": "1300"})

    [(said, _)] = books.breaks()["R21"]

    assert said == "held: journal_accounts names no account of netsuite for revenue"
