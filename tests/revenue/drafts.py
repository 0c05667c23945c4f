"""A contract that is being invented: what was promised so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.revenue.measures import OVER_TIME
from tests.revenue.scenario import EXPONENT

Drawn = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

IN_UNITS = ("point_in_time", "milestone", "progress", "drawdown")
MILESTONES = {"design": 1, "build": 3, "launch": 2}
PRODUCTS = ("SEAT", "PLAN", "MONTH", "TOKEN")


@dataclass
class Draft:
    """A contract while it is written, with what keeps most of its events possible."""

    draw: Draw
    currency: str
    obligations: list[Drawn] = field(default_factory=list)
    events: list[Drawn] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)  # of each obligation
    rows: dict[str, Drawn] = field(default_factory=dict)
    left: dict[str, Decimal] = field(default_factory=dict)  # units to be done
    reached: dict[str, list[str]] = field(default_factory=dict)
    invoices: list[Drawn] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)  # of an invoice, in minor units
    estimated: set[tuple[str, date]] = field(default_factory=set)
    modified: int = 0

    def number(self, least: int, most: int) -> int:
        """Draw a whole number."""
        return int(self.draw(st.integers(least, most)))

    def one(self, choices: Sequence[Any]) -> Any:
        """Draw one of some."""
        return choices[self.number(0, len(choices) - 1)]

    def chance(self, of_ten: int) -> bool:
        """Draw yes in so many of ten."""
        return self.number(1, 10) <= of_ten

    def money(self, minor: int) -> str:
        """Return minor units as the text of an amount."""
        exponent = EXPONENT.get(self.currency, 2)
        return f"{Decimal(minor).scaleb(-exponent):.{exponent}f}"

    def minor(self, amount: str) -> int:
        """Return the text of an amount in minor units."""
        return int(Decimal(amount).scaleb(EXPONENT.get(self.currency, 2)))


def obligation(draft: Draft, day: date, group: str) -> Drawn:
    """Draw an obligation that is promised on a day."""
    name = f"{draft.one('abcdefgh')}{len(draft.rows)}"
    kinds = [*OVER_TIME * 3, *IN_UNITS, "point_in_time", "usage"]
    row: Drawn = {"id": name, "method": draft.one(kinds)}
    draft.rows[name], draft.groups[name] = row, group
    if row["method"] == "usage":
        row["unit_price"] = f"{Decimal(draft.number(1, 20000)).scaleb(-4)}"
        return row
    row["amount"] = draft.money(draft.one([0, 1, 100, 99999, draft.number(1, 900000)]))
    if row["method"] in OVER_TIME or (draft.chance(2) and row["method"] == "progress"):
        row["start"] = day + timedelta(draft.number(0, 40))
        row["end"] = row["start"] + timedelta(
            draft.one([0, 27, 364, draft.number(1, 500)])
        )
    if draft.chance(3) and row["method"] in OVER_TIME:
        row["product"] = draft.one(PRODUCTS)
    else:
        row["ssp"] = draft.money(draft.number(1, 900000))
    if row["method"] == "milestone":
        row["milestones"], draft.reached[name] = dict(MILESTONES), []
    if row["method"] in ("point_in_time", "drawdown"):
        row["quantity"] = draft.number(1, 12) * (
            10 if row["method"] == "drawdown" else 1
        )
        draft.left[name] = Decimal(row["quantity"])
    if row["method"] == "drawdown":
        row["breakage"] = draft.one([0, 10, 25])
    if row["method"] == "progress":
        draft.left[name] = Decimal(100)
    if draft.chance(1):
        row["right"] = "unconditional"
    return row


def cost(draft: Draft, signed: date) -> Drawn:
    """Draw a cost of obtaining the contract."""
    end = signed + timedelta(draft.number(30, 400))
    amount = draft.money(draft.number(1, 90000))
    row = {"id": "commission", "amount": amount, "on": signed}
    return {**row, "incremental": draft.chance(7), "start": signed, "end": end}
