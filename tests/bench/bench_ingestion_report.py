"""Report of ratios: figures beside what they are measured against, in the same run."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from tests.bench.report import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Figure):
    """A measurement beside another one of the same run.

    Attributes:
        against: what the value is compared with, in the same unit; none if it stands
            alone.
        ratio: the value over that; where there is one, the target is its upper limit.
    """

    against: float | None = None
    ratio: float | None = None

    @classmethod
    def of(
        cls,
        name: str,
        size: str,
        value: float,
        unit: str,
        *,
        against: float,
        target: float | None = None,
    ) -> Self:
        """Return a value over another."""
        ratio = value / against
        return cls(
            name=name,
            size=size,
            value=value,
            unit=unit,
            target=target,
            at_most=True,
            against=against,
            ratio=ratio,
        )

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None without one."""
        if self.target is None:
            return None
        if self.ratio is None:
            return self.value <= self.target
        return self.ratio <= self.target


def told(name: str, size: str, value: float, unit: str) -> Compared:
    """Return a value that is only told."""
    return Compared(name=name, size=size, value=value, unit=unit)


def limited(name: str, size: str, value: float, unit: str, target: float) -> Compared:
    """Return a value that stands alone and has an upper limit."""
    return Compared(
        name=name, size=size, value=value, unit=unit, target=target, at_most=True
    )


def table(figures: Iterable[Compared]) -> str:
    """Return the figures as one table."""
    rows = [("what", "size", "value", "against", "ratio", "target", "")]
    for each in figures:
        met = {None: "", True: "met", False: "MISSED"}[each.met]
        rows.append(
            (
                each.name,
                each.size,
                f"{_number(each.value)} {each.unit}",
                _number(each.against),
                _number(each.ratio),
                "" if each.target is None else f"≤ {_number(each.target)}",
                met,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            text.rjust(width) if column in range(2, 6) else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"
