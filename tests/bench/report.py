"""Report: figures with their targets, as a table for people and a file for machines."""

import json
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        name: what was measured.
        size: on how much of it.
        value: the measurement.
        unit: of the value.
        target: what it, or its ratio where there is one, should be; none if it is only
            told.
        at_most: whether the target is an upper limit.
        against: what the value is compared with, in the same unit and the same run;
            none if it stands alone.
        ratio: the value over that.
    """

    name: str
    size: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = False
    against: float | None = None
    ratio: float | None = None

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None without one."""
        if self.target is None:
            return None
        judged = self.value if self.ratio is None else self.ratio
        return judged <= self.target if self.at_most else judged >= self.target


def told(name: str, size: str, value: float, unit: str) -> Figure:
    """Return a value that is only told."""
    return Figure(name, size, value, unit)


def limited(name: str, size: str, value: float, unit: str, target: float) -> Figure:
    """Return a value that stands alone and has an upper limit."""
    return Figure(name, size, value, unit, target, at_most=True)


def compared(
    name: str,
    size: str,
    value: float,
    unit: str,
    *,
    against: float,
    target: float | None = None,
) -> Figure:
    """Return a value over another, of the same run; the target limits the ratio."""
    ratio = value / against
    return Figure(name, size, value, unit, target, True, against, ratio)  # noqa: FBT003


def machine() -> str:
    """Return what is measured on, and how busy it is before.

    Two figures of different machines do not compare, nor those of a busy one.
    """
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cores} cores {model}, {memory:.0f} GiB, {platform.system()}"
        f" {platform.release()}, Python {platform.python_version()},"
        f" load {os.getloadavg()[0]:.1f} before"
    )


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as one table."""
    rows = [("what", "size", "value", "against", "ratio", "target", "")]
    for each in figures:
        target = ""
        if each.target is not None:
            target = f"{'≤' if each.at_most else '≥'} {_number(each.target)}"
        met = {None: "", True: "met", False: "MISSED"}[each.met]
        value = f"{_number(each.value)} {each.unit}"
        against, ratio = _number(each.against), _number(each.ratio)
        rows.append((each.name, each.size, value, against, ratio, target, met))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            text.rjust(width) if column in range(2, 6) else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def write(path: Path, figures: Iterable[Figure], where: str) -> None:
    """Write the figures as JSON; `where` is the machine that they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = [{**asdict(each), "met": each.met, "machine": where} for each in figures]
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def say(sentence: str) -> None:
    """Tell how far it is, beside the table."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
