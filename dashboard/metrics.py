"""Metrics: rows of `metric_values` and what their names mean; nothing is computed.

One row is the value of one metric in one month at one level. A page asks for metrics by
name and shows the values as they were published, rounded only for the eye.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.formats import compact, days, exact, grouped, percent
from dashboard.view import View

_VALUES = """
    select metric, month, value, unit
    from marts.metric_values
    where level = ? and level_value = ? and month <= ? and list_contains(?, metric)
    order by metric, month
"""
_DEFINITIONS = "select metric, label, area, unit, definition from published.metrics"

# What stands behind a metric's name in a title, by its unit.
_SUFFIX = {
    "usd_minor": ", USD",
    "usd_minor_days": ", USD days",
    "hundredth_days": ", days",
}


@dataclass(frozen=True, slots=True)
class Value:
    """One published value."""

    month: date
    value: int
    unit: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric, what it means, and its values in the order of months."""

    name: str
    label: str
    definition: str
    values: tuple[Value, ...]

    @property
    def title(self) -> str:
        """The label with its unit."""
        return self.label + _SUFFIX.get(self.values[-1].unit if self.values else "", "")

    def at(self, month: date) -> Value | None:
        """Return the value of one month, None where there is none."""
        return next((value for value in self.values if value.month == month), None)


def metrics(view: View, *names: str) -> Mapping[str, Metric]:
    """Return metrics of the chosen scope up to the chosen month, in the order asked."""
    values: dict[str, list[Value]] = {name: [] for name in names}
    for row in view.rows(
        _VALUES, view.scope.level, view.scope.member, view.month, list(names)
    ):
        value = Value(row["month"], row["value"], row["unit"])
        values[row["metric"]].append(value)
    told = {row["metric"]: row for row in view.rows(_DEFINITIONS)}
    return {
        name: Metric(
            name,
            told[name]["label"] if name in told else name,
            told[name]["definition"] if name in told else "",
            tuple(values[name]),
        )
        for name in names
    }


def glance(value: int, unit: str) -> str:
    """Write a value for a card."""
    if unit in {"usd_minor", "usd_minor_days"}:
        return compact(value)
    return written(value, unit)


def written(value: int, unit: str) -> str:
    """Write a value whole, as tables do."""
    if unit in {"usd_minor", "usd_minor_days"}:
        return exact(value)
    if unit == "basis_points":
        return percent(value)
    if unit in {"hundredth_days", "hundredths"}:
        return days(value)
    return grouped(value)


def last_months(metric: Metric, count: int) -> Sequence[Value]:
    """Return the last values, as many as there are up to that count."""
    return metric.values[-count:]
