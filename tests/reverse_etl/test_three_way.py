"""Three ways: the comparison in SQL decides as ten lines of Python do."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverse_etl.change import Decision, canonical
from reverse_etl.contract import Entity, Field, Receiver
from reverse_etl.mirror import Base, Mirror, Pair, Written
from reverse_etl.three_way import BLANKS, NotComparableError, canonical_sql

VALUES = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "", " a", "b\u2009"]))
COLUMNS = {
    "name": "varchar",
    "price": "decimal(18,4)",
    "note": "varchar",
    "phone": "varchar",
}
CLEARING = "note"
FILLING = "phone"


def reference(
    base: str | None, theirs: str | None, ours: str | None, *, known: bool
) -> Decision:
    """Compare three values; the judge of the SQL."""
    if theirs == ours:
        return Decision.CONVERGED
    if not known or theirs == base:
        return Decision.WRITE
    return Decision.USER_EDIT if base == ours else Decision.CONFLICT


def field(name: str) -> Field:
    """Make a field that is pushed."""
    return Field(
        name=name,
        data_type=COLUMNS[name],
        owner="erp",
        then=(),
        rule=None,
        push={"crm": f"Account.{name.title()}"},
        approval=False,
        clears=name == CLEARING,
        fills=name == FILLING,
    )


FIELDS = tuple((field(name), name.title()) for name in COLUMNS)
RECEIVER = Receiver("crm", "Account", "stg_crm__accounts", "account_id", None)
ENTITY = Entity(
    "customers",
    "customer_id",
    frozenset({"customer_id", "account_id", *COLUMNS}),
    tuple(pushed for pushed, _ in FIELDS),
    (RECEIVER,),
)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two empty tables, golden and mirrored."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with closing(duckdb.connect()) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema canonical; create schema staging")
        connection.execute(
            "create table canonical.customers"
            f" (customer_id varchar, account_id varchar, {columns})"
        )
        connection.execute(
            "create table staging.stg_crm__accounts"
            f" (account_id varchar, {columns}, is_deleted boolean)"
        )
        yield connection


def compared(
    warehouse: duckdb.DuckDBPyConnection,
    golden: Sequence[Sequence[Any]],
    there: Sequence[Sequence[Any]],
    base: Sequence[Base] = (),
    written: Sequence[Written] = (),
) -> list[Pair]:
    """Fill the tables with rows that stand beside each other, and compare."""
    warehouse.execute("delete from canonical.customers")
    warehouse.execute("delete from staging.stg_crm__accounts")
    for number, (ours, theirs) in enumerate(zip(golden, there, strict=True)):
        warehouse.execute(
            "insert into canonical.customers values (?, ?, ?, ?, ?, ?)",
            [f"c{number}", f"a{number}", *ours],
        )
        warehouse.execute(
            "insert into staging.stg_crm__accounts values (?, ?, ?, ?, ?, false)",
            [f"a{number}", *theirs],
        )
    return Mirror(warehouse).pairs(ENTITY, RECEIVER, FIELDS, base, written)


PRICES = st.one_of(st.none(), st.sampled_from([Decimal(0), Decimal("1.5"), Decimal(2)]))
SIDE = st.tuples(VALUES, PRICES, VALUES, VALUES)
BASES = st.one_of(st.none(), st.tuples(VALUES.map(canonical), st.booleans()))


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(SIDE, SIDE, *[BASES] * 4), max_size=4))
def test_sql_decides_as_the_reference_does(
    warehouse: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]]
) -> None:
    """For all values: each field with something to do, once, with its decision."""
    bases = [
        Base("crm", "Account", f"a{number}", name, *row[2 + place])
        for number, row in enumerate(rows)
        for place, (_, name) in enumerate(FIELDS)
        if row[2 + place] is not None
    ]
    expected = {}
    for number, (golden, there, *based) in enumerate(rows):
        for (governed, name), mine, their, known in zip(
            FIELDS, golden, there, based, strict=True
        ):
            ours, theirs = canonical(mine), canonical(their)
            base, is_known = known or (None, False)
            if mine is None and not governed.clears:
                continue
            if governed.fills and theirs not in (None, ours):
                continue
            decision = reference(base, theirs, ours, known=is_known)
            if decision is not Decision.CONVERGED or not is_known or base != ours:
                expected[f"a{number}", name] = (theirs, ours, base, decision)

    found = compared(
        warehouse, [row[0] for row in rows], [row[1] for row in rows], bases
    )

    assert {
        (pair.record_id, pair.field): (
            pair.theirs,
            pair.ours,
            pair.base,
            pair.decision,
        )
        for pair in found
    } == expected
    assert len(found) == len(expected)


def test_two_values_that_changed_places_are_two_new_values(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """A record's confirmed values are told by one number, which knows their fields."""
    bases = [Base("crm", "Account", "a0", "Name", "a")]
    bases += [Base("crm", "Account", "a0", "Note", "b")]
    side = ("b", None, "a", None)

    found = compared(warehouse, [side], [side], bases)

    assert [(pair.field, pair.base, pair.ours, pair.decision) for pair in found] == [
        ("Name", "a", "b", Decision.CONVERGED),
        ("Note", "b", "a", Decision.CONVERGED),
    ]


@settings(deadline=None, max_examples=30)
@given(golden=SIDE, before=SIDE)
def test_what_we_wrote_and_ingestion_has_not_seen_is_no_difference(
    warehouse: duckdb.DuckDBPyConnection, golden: Any, before: Any
) -> None:
    """The mirror lags behind our own write: the value that we confirmed counts."""
    names = [name for _, name in FIELDS]
    bases = [
        Base("crm", "Account", "a0", name, canonical(value))
        for name, value in zip(names, golden, strict=True)
    ]
    written = [
        Written("a0", name, canonical(value))
        for name, value in zip(names, before, strict=True)
    ]

    found = compared(warehouse, [golden], [before], bases, written)

    assert found == []


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=8),
            st.sampled_from(list(BLANKS)),
            st.booleans(),
            st.integers(-(2**63), 2**63 - 1),
            st.decimals(
                allow_nan=False, allow_infinity=False, places=4, max_value=10**12
            ).filter(lambda value: abs(value) < 10**12),
            st.dates(min_value=date(1, 1, 1)),
            st.datetimes(timezones=st.just(UTC)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_sql_and_python_write_a_value_alike(
    warehouse: duckdb.DuckDBPyConnection, values: list[Any]
) -> None:
    """What a destination reads back is compared with what SQL compared."""
    for value in values:
        kind = KINDS[type(value)]
        if isinstance(value, str) and "\0" in value:
            continue  # DuckDB's parameters end there
        ((found,),) = warehouse.execute(
            f"select {canonical_sql('value', kind)} from (select cast(? as {kind})"
            " as value)",
            [value],
        ).fetchall()

        assert found == canonical(value)


KINDS = {
    str: "VARCHAR",
    bool: "BOOLEAN",
    int: "BIGINT",
    Decimal: "DECIMAL(18,4)",
    date: "DATE",
    datetime: "TIMESTAMP WITH TIME ZONE",
}


def test_whole_decimals_keep_their_noughts() -> None:
    """A hundred is not one."""
    ((found,),) = duckdb.execute(
        f"select {canonical_sql('cast(100 as decimal(9,0))', 'DECIMAL(9,0)')}"
    ).fetchall()

    assert found == "100"


@pytest.mark.parametrize("kind", ["DOUBLE", "TIMESTAMP", "VARCHAR[]"])
def test_a_type_without_one_text_is_refused(kind: str) -> None:
    """A float may not stand for money, and an instant needs its zone."""
    with pytest.raises(NotComparableError, match="cast it"):
        canonical_sql("price", kind)


def test_columns_of_two_types_are_compared_as_texts() -> None:
    """A key that one side keeps as a number is still the same key."""
    with closing(duckdb.connect()) as connection:
        connection.execute("create schema canonical; create schema staging")
        connection.execute(
            "create table canonical.customers as select 'c1' as customer_id,"
            " 'a1' as account_id, 7 as name, 1.5 as price, null::varchar as note,"
            " null::varchar as phone"
        )
        connection.execute(
            "create table staging.stg_crm__accounts as select 'a1' as account_id,"
            " 'x' as name, '1.5' as price, null::varchar as note,"
            " null::varchar as phone, false as is_deleted"
        )

        found = Mirror(connection).pairs(ENTITY, RECEIVER, FIELDS, [])

    assert [(pair.field, pair.theirs, pair.ours) for pair in found] == [
        ("Name", "x", "7"),
        ("Price", "1.5", "1.5"),
        ("Note", None, None),
    ]
