"""Compose: the seven pages of the pack, from rows as they were published.

Sums over months are the only arithmetic: a quarter's movement is that of its months.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb

from dashboard import charts, trust
from dashboard.formats import (
    compact,
    count,
    day,
    exact,
    grouped,
    instant,
    major,
    month,
    short_month,
)
from dashboard.metrics import Metric, Value, glance, last_months, metrics, written
from dashboard.pack import drawings, markup
from dashboard.pack.markup import NONE, Card, Head, numbers, words
from dashboard.published import Publication, PublicationError
from dashboard.view import COMPANY, Row, Scope, View, months

CARDS = ("arr", "net_new_arr", "nrr", "grr", "recognized_revenue", "cash_collected")
MOVEMENTS = (
    "new_arr",
    "expansion_arr",
    "reactivated_arr",
    "contraction_arr",
    "churned_arr",
    "paused_arr",
)
KEPT = ("nrr", "grr", "logo_retention")
FLOW = ("booked_tcv", "billings", "recognized_revenue", "cash_collected")
OWED = ("deferred_revenue", "rpo", "crpo", "receivables", "dso_simple")
SHOWN = tuple(dict.fromkeys((*CARDS, "opening_arr", *MOVEMENTS, *KEPT, *FLOW, *OWED)))

YEAR, QUARTER, TREND = 12, 3, 24
RESTATED_SHOWN = 8
RECURRING = "Annual recurring revenue"

_DEFERRED = """
    select * from marts.deferred_revenue_monthly where month = ?
    order by currency, legal_entity_code
"""
_RECEIVABLES = """
    select * from marts.receivables_monthly where month = ? order by currency
"""

Found = Mapping[str, Metric]


def compose(
    publication: Publication,
    connection: duckdb.DuckDBPyConnection,
    wanted: date | None = None,
) -> tuple[date, str]:
    """Write the pack of a month, the last one unless another is wanted, as HTML.

    Returns:
        The month, and the page.

    Raises:
        PublicationError: there are no numbers of that month.
    """
    known = months(connection)
    chosen = wanted or (known[0] if known else None)
    if chosen is None or chosen not in known:
        asked = month(wanted) if wanted else "any month"
        there = f"{month(known[-1])} to {month(known[0])}" if known else "none yet"
        raise PublicationError(
            f"The publication {publication.file.name} has no numbers of {asked}: it "
            f"has {there}. Run `concord run` to publish again."
        )
    view = View(
        publication=publication,
        connection=connection,
        month=chosen,
        scope=Scope.named(COMPANY),
        now=publication.published_at,
        palette=charts.LIGHT,
    )
    found = metrics(view, *SHOWN)
    said = trust.load(connection, chosen)
    title = f"Board pack, {month(chosen)}"
    origin = (
        f"{title} · as of {day(publication.as_of)} · {month(chosen)} close:"
        f" {said.close_status} · snapshot {publication.file.stem}, published"
        f" {instant(publication.published_at)} by run {publication.run_id}"
    )
    sections = (
        _summary(view, found, said),
        _recurring(found),
        _retention(found),
        _flow(found),
        _owed(view, found),
        _controls(view, said),
        _definitions(found),
    )
    return chosen, markup.document(title, origin, sections)


def _summary(view: View, found: Found, said: trust.Trust) -> str:
    """Six numbers, and how far they can be trusted."""
    loaded = [[each.system, instant(each.loaded_at)] for each in said.sources]
    risk = f", USD {compact(said.at_risk)} at risk" if said.at_risk else ""
    return markup.page(
        "Summary",
        markup.cards([_card(found[name], view.month) for name in CARDS]),
        markup.table(
            "How far the numbers can be trusted",
            words("What", "How it stands"),
            [
                ["Checks that tie out", f"{said.ties} of {len(said.checks)}"],
                ["Checks that did not run", f"{said.idle:,}"],
                ["Open breaks", f"{count(said.open_breaks, 'break')}{risk}"],
                [f"Books of {month(view.month)}", said.close_status],
                ["Numbers as of", day(view.publication.as_of)],
            ],
        ),
        markup.table(
            "Sources and their last load",
            words("System", "Last new rows"),
            loaded,
            "No system was loaded yet.",
        ),
        markup.said(
            "Amounts are in US dollars at the budget rate unless a title says "
            "otherwise; the last page says what each number means."
        ),
    )


def _card(metric: Metric, at: date) -> Card:
    """Show a number against that of a year before, where there is one."""
    now = metric.at(at)
    before = metric.at(at.replace(year=at.year - 1))
    return Card(
        metric.title,
        _glance(now),
        f"{_glance(before)} in {short_month(before.month)}" if before else NONE,
    )


def _recurring(found: Found) -> str:
    """How ARR moved: the bridge of a year, and its four quarters side by side."""
    closing = last_months(found["arr"], YEAR)
    if not closing:
        return markup.page(RECURRING, markup.said("There are no values yet."))
    quarters = [
        closing[max(end - QUARTER, 0) : end] for end in range(len(closing), 0, -QUARTER)
    ][::-1]
    heads = [Head("USD"), *numbers(*(_span(each) for each in quarters))]
    opening = [_whole(found["opening_arr"].at(each[0].month)) for each in quarters]
    moved = [
        [found[name].label, *(exact(_moved(found[name], each)) for each in quarters)]
        for name in MOVEMENTS
        if _moved(found[name], closing)
    ]
    ended = [exact(each[-1].value) for each in quarters]
    steps = _steps(found, closing)
    said = charts.describe_bridge("ARR bridge", steps)
    return markup.page(
        RECURRING,
        markup.picture(
            drawings.bridge(steps, said), "ARR bridge, last 12 months, USD", said
        ),
        markup.table(
            "Four quarters, ending with the month of the pack",
            heads,
            [["Opening ARR", *opening], *moved, ["Closing ARR", *ended]],
        ),
    )


def _steps(found: Found, closing: Sequence[Value]) -> tuple[charts.Step, ...]:
    began = found["opening_arr"].at(closing[0].month)
    steps = charts.bridge_steps(
        (f"Opening {month(closing[0].month)}", began.value if began else 0),
        [
            (found[name].label.removesuffix(" ARR"), _moved(found[name], closing))
            for name in MOVEMENTS
        ],
        (f"Closing {month(closing[-1].month)}", closing[-1].value),
    )
    return tuple(step for step in steps if step.kind == "total" or step.shown != "0")


def _moved(metric: Metric, span: Sequence[Value]) -> int:
    """Add up the movements of some months."""
    within = {each.month for each in span}
    return sum(each.value for each in metric.values if each.month in within)


def _span(values: Sequence[Value]) -> str:
    first, last = short_month(values[0].month), short_month(values[-1].month)
    return first if first == last else f"{first} to {last}"


def _retention(found: Found) -> str:
    """What is left of the customers of a year ago."""
    return markup.page(
        "Retention",
        _lines("Retention over twelve months, %", [found[name] for name in KEPT]),
        _by_month("Retention by month", [found[name] for name in KEPT]),
    )


def _flow(found: Found) -> str:
    """From signature to cash."""
    shown = [found[name] for name in FLOW]
    return markup.page(
        "Bookings to cash",
        _lines("Bookings → billings → revenue → cash, USD", shown),
        _by_month("By month, USD", shown),
    )


def _owed(view: View, found: Found) -> str:
    """What we owe in service, and what we are owed in money."""
    return markup.page(
        "Deferred revenue and receivables",
        markup.cards([_card(found[name], view.month) for name in OWED]),
        markup.table(
            f"Deferred revenue rolls forward, {month(view.month)}",
            [
                *words("Entity", "Currency"),
                *numbers("Opening", "Billings", "Credits", "Revenue", "Closing"),
                *numbers("Deferred", "Contract assets", "Unbilled", "Closing, USD"),
                *numbers("Held billings"),
            ],
            [
                [
                    row["legal_entity_code"],
                    row["currency"],
                    *_in_currency(
                        row,
                        *("opening_minor", "billings_minor", "credits_minor"),
                        *("revenue_minor", "closing_minor", "deferred_minor"),
                        *("contract_assets_minor", "unbilled_minor"),
                    ),
                    _usd(row["closing_usd_minor"]),
                    *_in_currency(row, "held_billings_minor"),
                ]
                for row in view.rows(_DEFERRED, view.month)
            ],
            "Nothing was billed ahead or earned unbilled.",
        ),
        markup.table(
            f"Receivables by age at the end of {month(view.month)}",
            [
                Head("Currency"),
                *numbers("Receivables", "Not due", "1 to 30 days", "31 to 60 days"),
                *numbers("61 to 90 days", "Over 90 days", "Receivables, USD"),
            ],
            [
                [
                    row["currency"],
                    *_in_currency(
                        row,
                        *("receivables_minor", "current_minor", "overdue_1_30_minor"),
                        *("overdue_31_60_minor", "overdue_61_90_minor"),
                        "overdue_over_90_minor",
                    ),
                    _usd(row["receivables_usd_minor"]),
                ]
                for row in view.rows(_RECEIVABLES, view.month)
            ],
            "Nobody owed anything.",
        ),
    )


def _controls(view: View, said: trust.Trust) -> str:
    """Which checks tie out, and what was restated since the month was reported."""
    restated = view.rows(trust.RESTATED, view.month)
    heads = words("Check", "State", "Owner")
    return markup.page(
        "Controls and restatements",
        markup.table(
            "Do the systems agree?",
            [*heads, *numbers("Compared", "Breaks", "Explained", "At risk, USD")],
            [
                [
                    f"{each.check_id} {each.title}",
                    _state(each),
                    each.owner,
                    grouped(each.compared),
                    grouped(each.breaks),
                    grouped(each.explained),
                    exact(each.difference) if each.difference else NONE,
                ]
                for each in said.checks
            ],
            "No check has run yet.",
        ),
        markup.table(
            "ARR restated since the month was reported, USD",
            [*words("Customer", "Product", "Entity"), *numbers("Then", "Now")],
            [
                [
                    str(row["customer"]),
                    str(row["product_id"]),
                    str(row["legal_entity_code"]),
                    _usd(row["then_usd_minor"]),
                    _usd(row["now_usd_minor"]),
                ]
                for row in restated[:RESTATED_SHOWN]
            ],
            "Nothing was restated since, or the month was not recorded yet.",
        ),
        markup.said(f"The first {RESTATED_SHOWN} of {len(restated):,} restatements.")
        if len(restated) > RESTATED_SHOWN
        else "",
    )


def _state(check: trust.Check) -> str:
    if check.open:
        return f"✕ {check.open:,} open"
    if check.not_run_because:
        return "✕ did not run"
    return "△ explained" if check.explained else "✓ ties out"


def _definitions(found: Found) -> str:
    """What each number of the pack means."""
    return markup.page(
        "Definitions",
        markup.table(
            "What the numbers mean",
            words("Number", "Definition"),
            [
                [metric.label, metric.definition]
                for metric in sorted(
                    found.values(), key=lambda each: each.label.lower()
                )
            ],
        ),
    )


def _lines(title: str, shown: Sequence[Metric]) -> str:
    """Draw metrics of one unit, or say that there are no values."""
    series = {
        each.label: [(value.month, value.value) for value in last_months(each, TREND)]
        for each in shown
        if each.values
    }
    if not series:
        return f"<h3>{title}</h3>{markup.said('There are no values yet.')}"
    unit = next(each.values[-1].unit for each in shown if each.values)

    def write(value: int) -> str:
        # A scale's ticks are round: no decimals of percent on them.
        if unit == "basis_points" and value % 100 == 0:
            return f"{major(value):.0f}%"
        return glance(value, unit)

    said = charts.describe(title, series, lambda value: glance(value, unit))
    return markup.picture(drawings.lines(series, write, said), title, said)


def _by_month(title: str, shown: Sequence[Metric]) -> str:
    """List metrics month by month, the last one first."""
    listed = sorted(
        {value.month for each in shown for value in last_months(each, YEAR)},
        reverse=True,
    )[:YEAR]
    return markup.table(
        title,
        [Head("Month"), *numbers(*(each.label for each in shown))],
        [[month(when), *(_whole(each.at(when)) for each in shown)] for when in listed],
        "There are no values yet.",
    )


def _glance(value: Value | None) -> str:
    return glance(value.value, value.unit) if value else NONE


def _whole(value: Value | None) -> str:
    return written(value.value, value.unit) if value else NONE


def _usd(minor: int | None) -> str:
    return NONE if minor is None else exact(minor)


def _in_currency(row: Row, *names: str) -> list[str]:
    """Write amounts in the currency of their row."""
    return [
        NONE if row[name] is None else exact(row[name], row["currency"])
        for name in names
    ]
