"""What holds for ARR whatever the contracts are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transform import arr_reference as reference
from tests.transform.arr_models import (
    AS_OF,
    AS_WAS,
    FIRST_MONTH,
    MEASURES,
    ArrCompany,
    Segment,
    calendar,
)

LINE = ("customer_id", "product_id", "currency", "legal_entity_code")
PRODUCTS = ("PLT-GROWTH", "PLT-ENTERPRISE", "ADD-SSO")
PLANS = {"PLT-GROWTH": "platform", "PLT-ENTERPRISE": "platform"}
MOVEMENTS = (
    *("transfer_in", "transfer_out", "new", "reactivation", "churn", "pause"),
    *("resume", "expansion", "contraction"),
)
ENDINGS = ("involuntary", "voluntary", "non_renewal")
# Each example is a company of many customers, so few of them say much.
few = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

Build = Callable[..., ArrCompany]


@st.composite
def customers(draw: st.DrawFn) -> list[Segment]:
    """Draw the contract lines of a company, a few for each customer."""
    segments = []
    for n in range(draw(st.integers(8, 16))):
        for k in range(draw(st.integers(1, 3))):
            starts_on = FIRST_MONTH + timedelta(days=draw(st.integers(0, 400)))
            ends_before = starts_on + timedelta(days=draw(st.integers(1, 400)))
            currency = draw(st.sampled_from(("USD", "EUR", "JPY")))
            entity = draw(st.sampled_from(("US", "US", "DE")))
            for i in range(draw(st.integers(1, 3))):
                begins = starts_on + timedelta(days=draw(st.sampled_from((0, 0, 45))))
                if begins >= ends_before:
                    continue
                segments.append(
                    Segment(
                        segment=f"{n}-{k}-{i}",
                        customer=f"C{n}",
                        contract=f"K{n}-{k}",
                        product=draw(st.sampled_from(PRODUCTS)),
                        currency=currency,
                        entity=entity,
                        starts_on=begins,
                        ends_before=ends_before,
                        quantity=draw(st.integers(1, 9)),
                        unit_minor=100 * draw(st.integers(1, 99)),
                        percent_off=draw(st.sampled_from((0, 0, 15, 33))),
                        is_forever=draw(st.booleans()),
                    )
                )
    return segments


def movement_total(measure: str, *more: str) -> str:
    """Return the sum of all movements as SQL."""
    names = [*MOVEMENTS, *more]
    if measure == "reported_usd_minor":
        names.append("fx")
    return " + ".join(f"{name}_{measure}" for name in names)


def broken(
    company: ArrCompany, model: str, keys: Sequence[str], *more: str
) -> list[Any]:
    """Return the rows that do not roll forward, in any measure they have."""
    rows: list[Any] = []
    for measure in MEASURES:
        if model == "arr_rollups_monthly" and measure == "minor":
            continue
        rows += company.rows(
            f"""
            with chained as (
                select *, lag(closing_{measure}, 1, 0) over (
                    partition by {", ".join(keys)} order by month
                ) as before
                from warehouse.marts.{model}
            )
            select * from chained
            where opening_{measure} <> before
            or opening_{measure} + {movement_total(measure, *more)}
                <> closing_{measure}
            """
        )
    return rows


@few
@given(segments=customers())
def test_opening_and_movements_are_closing_at_every_level(
    arr: Build, segments: list[Segment]
) -> None:
    """Line, customer, product, entity and company, at all rates, to the unit."""
    with closing(arr(segments)) as company:
        assert broken(company, "arr_movements", LINE) == []
        assert broken(company, "arr_rollups_monthly", ("level", "member")) == []
        assert broken(company, AS_WAS, LINE, "restated") == []


@few
@given(segments=customers())
def test_transfers_take_nothing_from_the_company(
    arr: Build, segments: list[Segment]
) -> None:
    """What one legal entity hands over another takes over, at all rates."""
    sums = ", ".join(
        f"sum(transfer_in_{measure} + transfer_out_{measure})" for measure in MEASURES
    )
    with closing(arr(segments)) as company:
        found = company.rows(
            f"select month, {sums} from warehouse.marts.arr_movements group by month"
        )

    assert all(amount == 0 for _, *amounts in found for amount in amounts)


@few
@given(segments=customers())
def test_constant_rates_move_nothing(arr: Build, segments: list[Segment]) -> None:
    """At the budget's rate nothing moves in dollars that did not in its currency."""
    with closing(arr(segments)) as company:
        found = company.rows(
            "select * from warehouse.marts.arr_movement_causes"
            " where (amount_minor = 0) <> (amount_usd_minor = 0) and cause <> 'rate'"
            " and abs(amount_minor) <> 1 and abs(amount_usd_minor) <> 1"
        )
        rates = company.rows(
            "select * from warehouse.marts.arr_movement_causes"
            " where cause = 'rate' and (amount_minor <> 0 or amount_usd_minor <> 0)"
        )

    assert found == rates == []


@few
@given(segments=customers(), ends=st.lists(st.sampled_from(ENDINGS), min_size=60))
def test_movements_and_causes_are_those_of_the_reference(
    arr: Build, segments: list[Segment], ends: list[str]
) -> None:
    """A second computation, month by month in Python, tells the same story."""
    endings = dict(
        zip(sorted({each.contract for each in segments}), ends, strict=False)
    )
    with closing(
        arr(segments, endings=[(key, None, value) for key, value in endings.items()])
    ) as company:
        found = {
            ((customer, product, currency, entity), month, movement, cause): amount
            for customer, product, currency, entity, month, movement, cause, amount in (
                company.table(
                    "arr_movement_causes",
                    f"{', '.join(LINE)}, month, movement, cause, amount_minor",
                )
            )
            if amount
        }

    assert found == expected(segments, endings)


def expected(segments: Sequence[Segment], endings: dict[str, str]) -> reference.Told:
    """Return what the reference makes of the segments."""
    months = [month for month, _ in calendar(AS_OF)]
    closings: Any = defaultdict(dict)
    begins: dict[str, date] = {}
    ends: dict[str, date] = {}
    stretches = defaultdict(list)
    for each in segments:
        begins[each.contract] = min(begins.get(each.contract, AS_OF), each.starts_on)
        ends[each.contract] = max(
            ends.get(each.contract, each.ends_before), each.ends_before
        )
        stretches[each.customer].append((each.starts_on, each.ends_before))
    recontracted = set()
    leaving: Any = defaultdict(dict)
    for month in months:
        day = reference.last_day(month)
        before = month - timedelta(days=1)
        for each in segments:
            line = (each.customer, each.product, each.currency, each.entity)
            if each.starts_on <= day < each.ends_before:
                held = closings[line].get(month, reference.Held())
                closings[line][month] = reference.Held(
                    held.minor + each.arr_minor,
                    held.quantity + Fraction(each.quantity),
                    held.gross_minor + each.gross_minor,
                )
                if begins[each.contract] >= month:
                    recontracted.add((line, month))
            if each.starts_on <= before < each.ends_before:
                if ends[each.contract] <= day:
                    recontracted.add((line, month))
                known = leaving[each.customer].get(month, "non_renewal")
                leaving[each.customer][month] = min(
                    known, endings[each.contract], key=ENDINGS.index
                )
    return reference.movements(
        {line: closings[line] for line in closings},
        months,
        {
            customer: reference.Customer(
                reference.gaps(stretches[customer]),
                leaving[customer],
                frozenset(recontracted),
            )
            for customer in stretches
        },
        PLANS,
    )


@few
@given(segments=customers(), data=st.data())
def test_order_and_batches_of_the_input_change_nothing(
    arr: Build, segments: list[Segment], data: st.DataObject
) -> None:
    """Whatever order rows come in, and however many builds ran before."""
    shuffled = data.draw(st.permutations(segments))
    part = shuffled[: len(shuffled) // 2]
    with closing(arr(segments)) as company, closing(arr(part)) as batched:
        batched.build(shuffled)

        for model in ("arr_movements", "arr_movement_causes", "renewals"):
            assert batched.table(model) == company.table(model)


@few
@given(segments=customers())
def test_a_replay_changes_and_adds_nothing(arr: Build, segments: list[Segment]) -> None:
    """The same contracts again leave every table, also those that only grow."""
    models = ("arr_movements", "arr_reported", "arr_reported_records", AS_WAS)
    with closing(arr(segments)) as company:
        before = [company.table(model) for model in models]

        company.build(segments)

        assert [company.table(model) for model in models] == before


@few
@given(segments=customers(), factor=st.integers(2, 9))
def test_scaling_every_price_scales_every_result(
    arr: Build, segments: list[Segment], factor: int
) -> None:
    """Balances exactly, causes but for the rounding of each: half a unit, scaled."""
    scaled = [replace(each, unit_minor=factor * each.unit_minor) for each in segments]
    columns = f"{', '.join(LINE)}, month, movement, cause, amount_minor"
    balances = f"{', '.join(LINE)}, month, opening_minor, closing_minor"
    with closing(arr(segments)) as company, closing(arr(scaled)) as larger:
        small = causes_of(company.table("arr_movement_causes", columns))
        large = causes_of(larger.table("arr_movement_causes", columns))
        plain = company.table("arr_movements", balances)
        grown = larger.table("arr_movements", balances)

    assert sorted(grown, key=repr) == sorted(
        ((*row[:5], factor * row[5], factor * row[6]) for row in plain), key=repr
    )
    # A remainder of a unit may be rounded away, and with it its row.
    assert all(
        abs(large[key] - factor * small[key]) <= 2 * (factor + 1)
        for key in small.keys() | large.keys()
    )


def causes_of(rows: Sequence[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    """Return amounts by line, month, movement and cause; discounts of either sign."""
    found: Counter[tuple[Any, ...]] = Counter()
    for *key, cause, amount in rows:
        found[*key, "discount" if cause.startswith("discount") else cause] += amount
    return found


@few
@given(segments=customers(), at=st.floats(0.1, 0.9))
def test_an_amendment_that_changes_nothing_moves_nothing(
    arr: Build, segments: list[Segment], at: float
) -> None:
    """A line that ends and goes on at the same price and quantity is one line."""
    cut = []
    for each in segments:
        middle = each.starts_on + (each.ends_before - each.starts_on) * at
        if each.starts_on < middle < each.ends_before:
            cut += [
                replace(each, ends_before=middle),
                replace(each, segment=f"{each.segment}b", starts_on=middle),
            ]
        else:
            cut.append(each)
    with closing(arr(segments)) as company, closing(arr(cut)) as amended:
        for model in ("arr_movements", "arr_movement_causes", "renewals"):
            assert amended.table(model) == company.table(model)


@few
@given(segments=customers())
def test_splitting_a_line_moves_nothing(arr: Build, segments: list[Segment]) -> None:
    """Nine units are four and five units of the same."""
    split = []
    for each in segments:
        half = each.quantity // 2
        parts = [half, each.quantity - half] if half else [each.quantity]
        split += [
            replace(each, segment=f"{each.segment}:{n}", quantity=part)
            for n, part in enumerate(parts)
        ]
    with closing(arr(segments)) as company, closing(arr(split)) as finer:
        for model in ("arr_movements", "arr_movement_causes", "renewals"):
            assert finer.table(model) == company.table(model)


@few
@given(segments=customers())
def test_merging_two_customers_moves_only_transfers(
    arr: Build, segments: list[Segment]
) -> None:
    """What was reported of one becomes the other's at the next close: no more."""
    both = next(
        (each for each in segments if each.customer == "C1"), segments[0]
    ).customer
    merged = [
        replace(each, customer="C0", record=f"record of {both}")
        if each.customer == both
        else each
        for each in segments
    ]
    with (
        closing(arr(segments, as_of=date(2026, 8, 20))) as company,
        closing(arr(segments, as_of=date(2026, 9, 20))) as apart,
    ):
        reported = company.report().table("arr_reported")
        company.build(merged, as_of=date(2026, 9, 20))

        assert set(reported) <= set(company.table("arr_reported"))
        assert broken(company, AS_WAS, LINE, "restated") == []
        assert totals(company) == totals(apart)
        assert company.table("arr_monthly", "month, closing_usd_minor") == (
            apart.table("arr_monthly", "month, closing_usd_minor")
        )


def totals(company: ArrCompany) -> list[tuple[Any, ...]]:
    """Return the as-was balances of the company, and what should be nothing."""
    sums = ", ".join(
        f"sum(opening_{each}), sum(closing_{each}), sum(restated_{each}),"
        f" sum(transfer_in_{each} + transfer_out_{each})"
        for each in MEASURES
    )
    rows = company.rows(
        f"select month, {sums} from warehouse.marts.{AS_WAS} group by month order by 1"
    )
    assert all(
        amount == 0
        for _, *amounts in rows
        for n, amount in enumerate(amounts)
        if n % 4 > 1
    )
    return rows


def test_movements_are_those_of_the_published_example(arr: Build) -> None:
    """Golden case G25: yearly and monthly plans, cancelled, and one bought again.

    The page states months; annual amounts are twelve times theirs.
    """

    def plan(
        name: str, product: str, months: tuple[int, int], units: int, minor: Fraction
    ) -> Segment:
        starts_on, ends_before = (calendar_month(place) for place in months)
        return Segment(
            *(name, "C", f"K{name}", product, "USD", "US", starts_on, ends_before),
            quantity=units,
            unit_minor=minor,
        )

    segments = [
        plan("gold", "PLT-ENTERPRISE", (0, 12), 4, Fraction(50_000, 12)),
        plan("silver", "ADD-SSO", (1, 2), 2, Fraction(3_000)),
        plan("again", "PLT-ENTERPRISE", (13, 26), 3, Fraction(5_000)),
    ]
    with closing(arr(segments)) as company:
        found = company.rows(
            "select month, "
            + ", ".join(f"sum({name}_minor)" for name in MOVEMENTS)
            + " from warehouse.marts.arr_movements group by month order by month"
        )

    moved = [
        (month, name, amount)
        for month, *amounts in found
        for name, amount in zip(MOVEMENTS, amounts, strict=True)
        if amount
    ]
    assert moved == [
        (calendar_month(0), "new", 12 * 16_667 - 4),
        (calendar_month(1), "expansion", 12 * 6_000),
        (calendar_month(2), "contraction", -12 * 6_000),
        (calendar_month(12), "churn", -12 * 16_667 + 4),
        (calendar_month(13), "reactivation", 12 * 15_000),
    ]


def calendar_month(place: int) -> date:
    """Return the first day of a month, counted from the first of all."""
    months = FIRST_MONTH.year * 12 + FIRST_MONTH.month - 1 + place
    return date(months // 12, months % 12 + 1, 1)
