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
        target: what it should be; none if it is only told.
        at_most: whether the target is an upper limit.
    """

    name: str
    size: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None without one."""
        if self.target is None:
            return None
        if self.at_most:
            return self.value <= self.target
        return self.value >= self.target


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
    rows = [("what", "size", "value", "target", "")]
    for each in figures:
        target = ""
        if each.target is not None:
            sign = "≤" if each.at_most else "≥"
            target = f"{sign} {_number(each.target)} {each.unit}"
        met = {None: "", True: "met", False: "MISSED"}[each.met]
        value = f"{_number(each.value)} {each.unit}"
        rows.append((each.name, each.size, value, target, met))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(
            text.rjust(width) if column in (2, 3) else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def write(path: Path, figures: Iterable[Figure], where: str) -> None:
    """Write the figures as JSON; `where` is the machine that they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = [
        {
            **{key: value for key, value in asdict(each).items() if key != "at_most"},
            "met": each.met,
            "machine": where,
        }
        for each in figures
    ]
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def say(sentence: str) -> None:
    """Tell how far it is, beside the table."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
