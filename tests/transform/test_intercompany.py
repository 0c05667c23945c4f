"""Intercompany: what entities have of each other is taken out of their sum, in pairs.

The models run over invented ledgers, judged by a reference that keeps balances.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MODELS = (
    "int_intercompany__pairs",
    "intercompany_eliminations",
    "consolidated_ledger_monthly",
)
CHECKS = {
    "E01": "rec_gl__gl__intercompany_balances",
    "E02": "rec_gl__gl__intercompany_income",
    "E04": "rec_entities__group__ledger",
}
OPPOSITE = {"receivable": "payable", "cost": "revenue", "prepaid": "deferred"}
MONTHS = (date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1))
CASH = "cash"
# Entity, counterparty, purpose of the account, currency, month, amount.
Entry = tuple[str, str, str, str, int, int]
ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([("US", "UK"), ("UK", "US"), ("US", "DE"), ("DE", "US")]),
        st.sampled_from([*OPPOSITE, *OPPOSITE.values()]),
        st.sampled_from(["USD", "EUR"]),
        st.integers(0, 2),
        st.integers(-4, 4),
    ).map(lambda drawn: (*drawn[0], *drawn[1:])),
    max_size=12,
)


@dataclass
class Group:
    """The ledgers of some entities, and what the models make of them."""

    connection: duckdb.DuckDBPyConnection
    models: dict[str, str]

    def build(self, entries: Sequence[Entry]) -> None:
        """Post entries, each against cash, and build."""
        run = self.connection.execute
        run("delete from intermediate.int_gl__entries")
        for entity, counterparty, purpose, currency, month, amount in entries:
            for account, signed in (
                (f"{purpose}-{counterparty}", amount),
                (CASH, -amount),
            ):
                run(
                    "insert into intermediate.int_gl__entries values"
                    " (?, ?, null, ?, ?, ?, null)",
                    [account, entity, currency, MONTHS[month], signed],
                )
        run(
            "create or replace view canonical.gl_entries as select *,"
            " greatest(signed_minor, 0) as debit_minor,"
            " greatest(-signed_minor, 0) as credit_minor"
            " from intermediate.int_gl__entries"
        )
        for model, schema in zip(
            MODELS, ("intermediate", "canonical", "marts"), strict=True
        ):
            run(f"create or replace table {schema}.{model} as {self.models[model]}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(query).fetchall()

    def breaks(self, check: str) -> list[tuple[Any, ...]]:
        """Return the breaks of a check: what of, and by how much."""
        return self.rows(
            "select record_key, part_of, difference_minor from (select *,"
            " split_part(break_key, record_key || ':', 2) as part_of from"
            f" ({self.models[CHECKS[check]]})) order by all"
        )


@pytest.fixture(scope="module")
def group(dbt: Any) -> Iterator[Group]:
    """Return a group of three entities that keep an account for each other."""
    compiled = dbt.run("compile", "--select", *MODELS, *CHECKS.values()).results
    models = {each.node.name: each.node.compiled_code for each in compiled}
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        for schema in ("intermediate", "canonical", "staging", "marts"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table intermediate.int_gl__entries (gl_account_id text,"
            " legal_entity_code text, account_role text, currency text, posted_on date,"
            " signed_minor bigint, held_for text)"
        )
        connection.execute(
            "create table staging.intercompany_accounts as select 'erp' as erp_system,"
            " purpose || '-' || entity as account_number, purpose, entity as"
            " counterparty_code from (values ('US'), ('UK'), ('DE')) as of(entity),"
            " (values ('receivable'), ('payable'), ('revenue'), ('cost'), ('prepaid'),"
            " ('deferred')) as for_(purpose)"
        )
        for table in ("intermediate.int_gl__accounts", "canonical.gl_accounts"):
            connection.execute(
                f"create table {table} as select 'erp' as erp_system, account_number as"
                " gl_account_id, account_number as number"
                " from staging.intercompany_accounts"
                f" union all select 'erp', '{CASH}', '{CASH}'"
            )
        connection.execute(
            "create table staging.currencies as select * from"
            " (values ('USD', 100), ('EUR', 100)) as known(currency, minor_per_major)"
        )
        yield Group(connection, models)


def standing(entries: Sequence[Entry]) -> Counter[tuple[str, str, str, str]]:
    """Return what each pair has, by the debtor's purpose: debits less credits."""
    debit_of = {credit: debit for debit, credit in OPPOSITE.items()}
    found: Counter[tuple[str, str, str, str]] = Counter()
    for entity, counterparty, purpose, currency, _, amount in entries:
        is_debit = purpose in OPPOSITE
        pair = (entity, counterparty) if is_debit else (counterparty, entity)
        found[*pair, debit_of.get(purpose, purpose), currency] += amount
    return found


@settings(max_examples=12, deadline=None)
@given(entries=ENTRIES)
def test_eliminations_come_to_nothing_and_leave_what_only_one_has(
    group: Group, entries: list[Entry]
) -> None:
    """In every month and currency; what stays is what E01 and E02 say."""
    group.build(entries)

    sums = group.rows(
        "select month, currency, sum(amount_minor)"
        " from canonical.intercompany_eliminations group by all"
    )
    left = group.rows(
        "select sum(consolidated_minor) from marts.consolidated_ledger_monthly"
        " where account_role like 'intercompany%'"
    )
    names = {"trade": "receivable", "income": "cost", "advance": "prepaid"}
    said = {
        (*key.split(":")[2:], names[part.split(":")[0]], part.split(":")[1]): difference
        for check in ("E01", "E02")
        for key, part, difference in group.breaks(check)
    }

    assert [each for each in sums if each[2] != 0] == []
    assert said == {key: value for key, value in standing(entries).items() if value}
    assert int(left[0][0] or 0) == sum(said.values())
    assert group.breaks("E04") == []


def test_what_both_have_is_taken_out_when_the_second_has_it(group: Group) -> None:
    """A month later is no break; until then nothing is eliminated."""
    group.build(
        [
            ("US", "UK", "receivable", "USD", 0, 10),
            ("UK", "US", "payable", "USD", 1, -10),
        ]
    )

    assert group.rows(
        "select month, legal_entity_code, purpose, amount_minor"
        " from canonical.intercompany_eliminations order by all"
    ) == [(MONTHS[1], "UK", "payable", 10), (MONTHS[1], "US", "receivable", -10)]
    assert group.breaks("E01") == []


def test_profit_that_one_entity_deferred_is_eliminated_and_a_rest_is_told(
    group: Group,
) -> None:
    """Of 12 that US deferred, UK prepaid 10: 2 would stay in the group's deferred."""
    group.build(
        [
            ("US", "UK", "deferred", "USD", 0, -12),
            ("UK", "US", "prepaid", "USD", 0, 10),
        ]
    )

    assert group.breaks("E02") == [
        ("concord:intercompany:UK:US", "advance:USD", -2),
    ]
    assert group.rows(
        "select account_role, consolidated_minor from marts.consolidated_ledger_monthly"
        " where account_role like 'intercompany%' order by 1"
    ) == [("intercompany deferred", -2), ("intercompany prepaid", 0)]


def test_lines_that_are_lost_on_the_way_to_the_group_are_a_break(group: Group) -> None:
    """The report of the group has to hold what the ledgers hold."""
    group.build([("US", "UK", "revenue", "USD", 0, -5)])
    group.connection.execute(
        "delete from marts.consolidated_ledger_monthly where account_role = 'other'"
    )

    assert group.breaks("E04") == [("concord:group:USD:2026-07-01", "", 5)]
