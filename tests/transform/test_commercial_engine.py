"""Contract versions and order lines against a second computation, on invented input.

The models' own compiled SQL runs over small tables in memory.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transform.test_differential import after_months, rounded

STARTS, TERM_ENDS = date(2026, 1, 31), date(2027, 1, 31)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass
class Bench:
    """A database in memory, and the compiled models that run in it."""

    connection: duckdb.DuckDBPyConnection
    compiled: Path

    def fill(self, name: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put a table where a model looks for it."""
        self.connection.execute(f"create or replace table warehouse.{name} ({columns})")
        for row in rows:
            marks = ", ".join("?" * len(row))
            self.connection.execute(
                f"insert into warehouse.{name} values ({marks})", row
            )

    def build(self, model: str, layer: str = "intermediate") -> None:
        """Build a model, for those that come after it."""
        query = (self.compiled / layer / f"{model}.sql").read_text()
        self.connection.execute(
            f"create or replace table warehouse.{layer}.{model} as {query}"
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def bench(rich: Any, dbt: Any) -> Iterator[Bench]:
    """Return a bench with what the build of a real company compiled."""
    del rich
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("create schema warehouse.intermediate")
        connection.execute("create schema warehouse.staging")
        connection.execute("create schema warehouse.canonical")
        yield Bench(connection, dbt.target_path / "compiled/concord/models")


# --- versions ------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """Something that was agreed on: from which day, and when it was written down."""

    kind: str
    effective_on: date
    recorded_day: int


days = st.integers(0, 364).map(lambda number: STARTS + timedelta(days=number))


@st.composite
def histories(draw: Callable[..., Any]) -> list[Change]:
    """Return a signature, amendments in any order, and perhaps an end."""
    amendments = draw(
        st.lists(st.builds(Change, st.just("amendment"), days, st.integers(1, 400)))
    )
    ends = draw(
        st.lists(
            st.builds(Change, st.just("termination"), days, st.integers(1, 400)),
            max_size=1,
        )
    )
    recorded = sorted([*amendments, *ends], key=lambda each: each.recorded_day)
    return [Change("signature", STARTS, 0), *recorded]


def version_on(history: list[Change], day: date, known: int) -> int | None:
    """Return the number of the version in force on a day, as known on another."""
    told = [
        (number, change)
        for number, change in enumerate(history, start=1)
        if change.recorded_day <= known
    ]
    ends = [each.effective_on for _, each in told if each.kind == "termination"]
    if not STARTS <= day < min([TERM_ENDS, *ends]):
        return None
    begun = [
        (change.effective_on, number)
        for number, change in told
        if change.kind != "termination" and change.effective_on <= day
    ]
    return max(begun)[1]


@quick
@given(histories(), st.lists(days, min_size=4, max_size=4))
def test_the_version_of_any_day_as_known_on_any_other_is_the_latest_begun(
    bench: Bench, history: list[Change], asked: list[date]
) -> None:
    """Backdated amendments, ends that come late, several on one day: all answered."""
    bench.fill(
        "intermediate.int_contracts__changes",
        "salesforce_contract_id text, change text, salesforce_order_id text,"
        " salesforce_quote_id text, effective_on date, term_ends_before date,"
        " payment_terms text, recorded_at timestamptz, change_number bigint",
        [
            (
                "k",
                change.kind,
                None,
                None,
                change.effective_on,
                TERM_ENDS,
                None,
                EPOCH + timedelta(days=change.recorded_day),
                number,
            )
            for number, change in enumerate(history, start=1)
        ],
    )
    bench.build("int_contracts__versions")
    versions = bench.rows(
        "select version_number, valid_from, valid_to, recorded_from, recorded_to"
        " from warehouse.intermediate.int_contracts__versions"
    )

    known = {each.recorded_day for each in history} | {200}
    for day in [*asked, STARTS, TERM_ENDS - timedelta(days=1)]:
        for moment in known:
            at = EPOCH + timedelta(days=moment)
            found = [
                number
                for number, begins, ends, since, until in versions
                if begins <= day < ends
                and since <= at
                and (until is None or at < until)
            ]
            expected = version_on(history, day, moment)
            assert found == ([] if expected is None else [expected])


# --- order lines ---------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What a customer holds after an order: quantity and price, and until when."""

    quantity: int
    price: Decimal
    starts_on: date = STARTS
    ends_before: date = TERM_ENDS
    product: str = "p"
    quoted: Decimal | None = None


def price(bench: Bench, lines: Sequence[Line], quote_type: str = "Amendment") -> None:
    """Order the lines one after another, each in the place of the one before."""
    bench.fill(
        "staging.stg_salesforce__products",
        "salesforce_product_id text, sku text, is_deleted boolean",
        [("p", "SEAT", False), ("q", "SEAT-PLUS", False)],
    )
    bench.fill(
        "intermediate.int_products__charged",
        "sku text, revenue_type text",
        [("SEAT", "recurring"), ("SEAT-PLUS", "recurring")],
    )
    bench.fill(
        "staging.stg_salesforce__quotes",
        "salesforce_quote_id text, quote_type text",
        [("first", "Quote"), ("later", quote_type)],
    )
    bench.fill(
        "staging.stg_salesforce__quote_lines",
        "salesforce_quote_line_id text, charge_type text,"
        " net_total_amount decimal(38, 9), is_deleted boolean",
        [
            (f"l{number}", "Recurring", line.quoted, False)
            for number, line in enumerate(lines)
            if line.quoted is not None
        ],
    )
    bench.fill(
        "intermediate.int_orders__linked",
        "salesforce_order_id text, customer_id text, salesforce_contract_id text,"
        " salesforce_quote_id text, order_type text, minor_per_major bigint",
        [
            (f"o{number}", "c", "k", "later" if number else "first", "Order", 100)
            for number in range(len(lines))
        ],
    )
    bench.fill(
        "staging.stg_salesforce__order_items",
        "salesforce_order_item_id text, salesforce_order_id text, order_item_number"
        " text, salesforce_product_id text, quantity decimal(38, 9),"
        " previous_quantity decimal(38, 9), unit_price_amount decimal(38, 9),"
        " starts_on date, ends_on date, salesforce_quote_line_id text,"
        " bundle_order_item_id text, superseded_order_item_id text, action text,"
        " is_deleted boolean",
        [
            (
                f"i{number}",
                f"o{number}",
                f"{number}",
                line.product,
                line.quantity,
                lines[number - 1].quantity if number else 0,
                line.price,
                line.starts_on,
                line.ends_before - timedelta(days=1),
                None if line.quoted is None else f"l{number}",
                None,
                f"i{number - 1}" if number else None,
                None,
                False,
            )
            for number, line in enumerate(lines)
        ],
    )
    for model in ("priced", "classified", "valued"):
        bench.build(f"int_order_lines__{model}")


def told(bench: Bench, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of the valued lines, in the order in which they were ordered."""
    return bench.rows(
        f"select {', '.join(columns)} from"
        " warehouse.intermediate.int_order_lines__valued"
        " order by cast(order_item_number as integer)"
    )


quantities = st.integers(0, 5_000)
prices = st.decimals("0.001", "999.999", places=3)
held = st.builds(Line, quantities, prices)


def months_between(starts_on: date, ends_before: date) -> Fraction:
    """Return whole months, and the days that are left as a part of the next one."""
    whole = 0
    while after_months(starts_on, whole + 1) <= ends_before:
        whole += 1
    begins = after_months(starts_on, whole)
    length = (after_months(starts_on, whole + 1) - begins).days
    return whole + Fraction((ends_before - begins).days, length)


@quick
@given(st.lists(held, min_size=1, max_size=5))
def test_changes_of_a_line_sum_to_what_is_held_after_the_last(
    bench: Bench, lines: list[Line]
) -> None:
    """However often quantity and price change, nothing is counted twice or lost."""
    price(bench, lines)

    deltas = [delta for (delta,) in told(bench, "arr_delta_minor")]

    assert sum(deltas) == rounded(
        Fraction(lines[-1].quantity) * Fraction(lines[-1].price) * 1200
    )


@quick
@given(held, held, days)
def test_a_change_that_nobody_quoted_is_worth_what_it_brings_in_to_the_end(
    bench: Bench, before: Line, after: Line, day: date
) -> None:
    """Units added or taken back count by months, and by the day of a begun month."""
    line = replace(after, starts_on=day)
    price(bench, [before, line])

    ((delta, value),) = told(bench, "arr_delta_minor", "tcv_minor")[1:]

    last = TERM_ENDS
    expected = Fraction(delta) * months_between(day, last) / 12
    assert value == rounded(expected)


STEP = after_months(STARTS, 12)
CASES = {
    "upsize": (Line(10, Decimal(5)), Line(15, Decimal(5)), "upsize", 300_00),
    "downsize": (Line(10, Decimal(5)), Line(4, Decimal(5)), "downsize", -360_00),
    "cancel": (Line(10, Decimal(5)), Line(0, Decimal(5)), "cancel", -600_00),
    "price change": (
        Line(10, Decimal(5)),
        Line(10, Decimal(6)),
        "price_change",
        120_00,
    ),
    "swap": (
        Line(10, Decimal(5)),
        Line(10, Decimal(9), product="q"),
        "swap",
        480_00,
    ),
    "co-termination": (
        Line(10, Decimal(5)),
        Line(10, Decimal(5), ends_before=date(2027, 4, 30)),
        "cotermination",
        0,
    ),
    "step of a ramp": (
        Line(10, Decimal(5), ends_before=STEP),
        Line(13, Decimal(5), starts_on=STEP, ends_before=after_months(STARTS, 24)),
        "upsize",
        180_00,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_action_that_the_organisation_does_not_write_is_told_by_the_quantities(
    bench: Bench, name: str
) -> None:
    """What an order does follows from what is held before and after it."""
    before, after, action, delta = CASES[name]
    price(bench, [before, after])

    assert told(bench, "order_action", "arr_delta_minor")[1:] == [(action, delta)]


def test_a_quoted_line_is_worth_what_the_quote_says(bench: Bench) -> None:
    """A discount for some months lowers the value of the term, not the annual rate."""
    price(bench, [Line(10, Decimal(5), quoted=Decimal("555.50"))])

    assert told(bench, "tcv_minor", "acv_minor", "arr_delta_minor", "order_action") == [
        (555_50, 555_50, 600_00, "new")
    ]


def test_actions_told_by_quantities_are_those_that_salesforce_writes(
    bench: Bench, rich: Any
) -> None:
    """On a whole company both agree; a swap is two lines, one of them given back."""
    model = "int_order_lines__classified"
    query = (bench.compiled / f"intermediate/{model}.sql").read_text()
    priced = '"warehouse"."intermediate"."int_order_lines__priced"'
    assert priced in query
    with closing(duckdb.connect(str(rich.warehouse), read_only=True)) as connection:
        connection.execute(
            "create temp table blind as select * replace (cast(null as varchar) as"
            f" action) from {priced}"
        )
        different = connection.execute(
            "select action__c, order_action, count(*)"
            f" from ({query.replace(priced, 'blind')}) as derived"
            " inner join raw_salesforce.order_items as written"
            " on written.id = derived.salesforce_order_item_id"
            " where action__c not in ('swap', order_action) group by all"
        ).fetchall()

    assert different == []


# --- what a record was -----------------------------------------------------------


def test_a_value_that_a_load_replaced_is_an_event(bench: Bench) -> None:
    """The first value of each field is told, and what changed since; what did not, not.

    An amount in yen has no minor unit below one.
    """
    bench.fill(
        "staging.currencies", "currency text, minor_per_major bigint", [("JPY", 1)]
    )
    bench.fill("canonical.opportunities", "opportunity_id text", [("o",)])
    bench.fill(
        "staging.stg_salesforce__opportunities",
        "salesforce_opportunity_id text, stage text, total_amount decimal(38, 9),"
        " currency text, closes_on date, salesforce_user_id text, is_deleted boolean,"
        " modified_at timestamptz, created_at timestamptz, load_id text",
        [
            (
                "o",
                "Closed Won",
                1200,
                "JPY",
                date(2026, 3, 1),
                "u",
                False,
                EPOCH + timedelta(days=9),
                EPOCH,
                "1800000000.5",
            ),
        ],
    )
    record = (
        '{"StageName":"Prospecting","Amount":1100,"CurrencyIsoCode":"JPY",'
        '"CloseDate":"2026-03-01","OwnerId":"u",'
        '"SystemModstamp":"2026-01-03T00:00:00.000+0000",'
        '"CreatedDate":"2026-01-01T00:00:00.000+0000"}'
    )
    bench.fill(
        "staging.stg_salesforce__versions",
        "stream text, record_id text, record text, is_deleted boolean, load_id text",
        [
            ("opportunities", "o", record, False, "1790000000.5"),
            ("quotes", "o", "{}", False, "1790000000.5"),
        ],
    )
    bench.build("int_opportunities__versions")
    bench.build("opportunity_events", "canonical")

    assert bench.rows(
        "select field, previous_value, value, changed_at"
        " from warehouse.canonical.opportunity_events order by changed_at, field"
    ) == [
        ("amount", None, "1100", EPOCH),
        ("closes_on", None, "2026-03-01", EPOCH),
        ("owner", None, "u", EPOCH),
        ("stage", None, "Prospecting", EPOCH),
        ("amount", "1100", "1200", EPOCH + timedelta(days=9)),
        ("stage", "Prospecting", "Closed Won", EPOCH + timedelta(days=9)),
    ]


def test_a_list_price_holds_until_the_next(bench: Bench) -> None:
    """A new name of the entry begins no new price; a new price does."""
    bench.fill(
        "staging.currencies", "currency text, minor_per_major bigint", [("USD", 100)]
    )
    bench.fill(
        "staging.stg_salesforce__pricebook_entries",
        "salesforce_pricebook_entry_id text, salesforce_pricebook_id text,"
        " salesforce_product_id text, currency text, unit_price_amount decimal(38, 9),"
        " is_active boolean, is_deleted boolean, modified_at timestamptz,"
        " created_at timestamptz",
        [
            (
                "e",
                "b",
                "p",
                "USD",
                Decimal("7.5"),
                True,
                False,
                EPOCH + timedelta(days=9),
                EPOCH,
            ),
        ],
    )
    earlier = [
        f'{{"Pricebook2Id":"b","Product2Id":"p","UnitPrice":{price},"IsActive":true,'
        f'"CurrencyIsoCode":"USD","SystemModstamp":"2026-01-0{day}T00:00:00.000+0000",'
        '"CreatedDate":"2026-01-01T00:00:00.000+0000"}'
        for day, price in ((2, 6.25), (3, 6.25))
    ]
    bench.fill(
        "staging.stg_salesforce__versions",
        "stream text, record_id text, record text, is_deleted boolean, load_id text",
        [("pricebook_entries", "e", each, False, "1790000000.5") for each in earlier],
    )
    bench.build("int_price_book_entries__versions")

    assert bench.rows(
        "select list_minor, valid_from, valid_to from"
        " warehouse.intermediate.int_price_book_entries__versions order by valid_from"
    ) == [
        (625, EPOCH, EPOCH + timedelta(days=9)),
        (750, EPOCH + timedelta(days=9), None),
    ]
