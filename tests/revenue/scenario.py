"""What a scenario says, read into the values of the reference."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from tests.revenue.exact import half_up
from tests.revenue.measures import METHODS, OVER_TIME, Terms, whole_months
from tests.revenue.modifications import Change
from tests.revenue.obligations import HeldError, Obligation, check_terms

EXPONENT = {"JPY": 0, "KWD": 3}  # all others 2
KINDS = (
    *("modification", "estimate", "pause", "invoice", "payment", "usage"),
    "satisfaction",
    *("lapse", "return", "credit_note", "refund", "void", "dispute", "dispute_won"),
    *("write_off", "recovery", "close"),
)

Row = Mapping[str, Any]


class _Loader(yaml.SafeLoader):
    """Reads `on` as a word, as YAML 1.2 does, and not as true."""


_Loader.yaml_implicit_resolvers = {
    first: [found for found in resolvers if found[0] != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")
)


def read(path: Path) -> list[Row]:
    """Return the scenarios of a file, one of each document."""
    text = path.read_text(encoding="utf-8")
    return list(yaml.load_all(text, Loader=_Loader))


@dataclass(frozen=True)
class Event:
    """Something that happened to a contract."""

    on: date  # the day on which it takes effect
    recorded: date
    posts_on: date | None
    said: date  # the day it is dated
    kind: str
    what: Row


def minor(amount: Any, currency: str) -> int:
    """Return an amount in major units as whole minor units."""
    money = Fraction(str(amount)) * 10 ** EXPONENT.get(currency, 2)
    if money.denominator != 1:
        raise ValueError(f"{amount} is finer than {currency}")
    return int(money)


def events(scenario: Row) -> list[Event]:
    """Return the events in the order in which they take effect."""
    found = []
    for position, row in enumerate(scenario.get("events", ())):
        kind = next(key for key in row if key in KINDS)
        on = row.get("posts_on", row["on"])
        event = Event(
            on,
            row.get("recorded", row["on"]),
            row.get("posts_on"),
            row["on"],
            kind,
            row[kind],
        )
        found.append((on, KINDS.index(kind), _name(row[kind]), position, event))
    return [event for *_, event in sorted(found, key=lambda entry: entry[:4])]


def _name(what: Row) -> tuple[str, bool]:
    """Return the id or the obligation that orders events of one kind and day."""
    name = str(what.get("id", what.get("obligation", "")))
    # Of one day's satisfactions of an obligation the one that says "all of it" is last.
    is_counted = bool({"quantity", "percent", "milestone"} & what.keys())
    return name, not is_counted


@dataclass(frozen=True)
class Book:
    """What holds for all contracts of a scenario."""

    ssp: Sequence[Row]

    def obligation(
        self, row: Row, currency: str, day: date, *, is_alone: bool
    ) -> Obligation:
        """Return an obligation as promised.

        Args:
            row: what the scenario says.
            currency: of its contract.
            day: the day whose standalone prices hold.
            is_alone: whether nothing is shared, so that no price is needed.
        """
        if row.get("method") not in METHODS:
            raise HeldError("unknown_method")
        terms = Terms(
            row["method"],
            row.get("start"),
            row.get("end"),
            Fraction(str(row.get("quantity", 1))),
            Fraction(str(row.get("breakage", 0))) / 100,
            row.get("milestones", {}),
        )
        check_terms(terms)
        is_usage = terms.method == "usage"
        amount = minor(row.get("amount", 0), currency)
        returns = row.get("returns", {})
        price = row.get("unit_price")
        right = row.get("right", "unconditional" if is_usage else "conditional")
        return Obligation(
            row["id"],
            "",
            amount,
            terms,
            right == "conditional",
            whole_ssp=(
                None
                if is_usage
                else self._ssp(row, terms, amount, currency, day, is_alone=is_alone)
            ),
            unit_price=None if price is None else scaled(price, currency),
            expected_returns=minor(returns.get("amount", 0), currency),
            returns_cost=minor(returns.get("cost", 0), currency),
        )

    def _ssp(
        self,
        row: Row,
        terms: Terms,
        amount: int,
        currency: str,
        day: date,
        *,
        is_alone: bool,
    ) -> int | None:
        """Return the standalone selling price of the whole obligation."""
        if "ssp" in row:
            return minor(row["ssp"], currency)
        if "material_right" in row:
            right = row["material_right"]
            percent = Fraction(str(right["discount"])) - Fraction(str(right["general"]))
            likely = Fraction(str(right["likelihood"])) / 100
            return half_up(scaled(right["average"], currency) * percent / 100 * likely)
        product = row.get("product", row["id"])
        entries = [
            entry
            for entry in self.ssp
            if (entry["product"], entry["currency"]) == (product, currency)
            and entry["from"] <= day
        ]
        if not entries:
            if is_alone:
                return None
            raise HeldError("ssp_missing")
        # Of equals the last: max takes the first that it meets.
        entry = max(reversed(entries), key=lambda found: found["from"])
        if not entry.get("approved_by"):
            if is_alone:
                return None
            raise HeldError("ssp_not_approved")
        times = terms.quantity
        if entry.get("per") == "month":
            if terms.method not in OVER_TIME:
                raise HeldError("term_missing")
            assert terms.start
            assert terms.end
            times *= whole_months(terms.start, terms.end)
        mid = scaled(entry["mid"], currency) * times
        low = scaled(entry.get("low", entry["mid"]), currency) * times
        high = scaled(entry.get("high", entry["mid"]), currency) * times
        return amount if low <= amount <= high else half_up(mid)


def change(row: Row, currency: str) -> Change:
    """Return what a modification says of one obligation."""
    money = {key: minor(row[key], currency) for key in ("amount", "ssp") if key in row}
    return Change(
        end=row.get("end"),
        quantity=Fraction(str(row["quantity"])) if "quantity" in row else None,
        unit_price=(
            scaled(row["unit_price"], currency) if "unit_price" in row else None
        ),
        treatment=row.get("treatment"),
        cancel=bool(row.get("cancel")),
        **money,
    )


def scaled(amount: Any, currency: str) -> Fraction:
    """Return an amount that may be finer than its currency, in minor units."""
    minor_per_major: int = 10 ** EXPONENT.get(currency, 2)
    return Fraction(str(amount)) * minor_per_major
