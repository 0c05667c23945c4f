"""Bench: everything that is promised of speed, each part in a process of its own.

    python -m tests.bench
    python -m tests.bench --quick    # small sizes
    python -m tests.bench plan loop  # these parts alone

Prints one table, writes build/bench.json, and draws into build/bench.svg how what was
measured at several sizes grows with them.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import altair as alt

from tests.bench.report import Figure, machine, say, table, write

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
# What each part is given, one run a line: whole, then quick.
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ingestion": (("",), ("--quick",)),
    "identity": (
        ("--customers 2000", "--records 100000", "--records 1000000"),
        ("--records 20000", "--records 100000"),
    ),
    "usage": (
        ("--events 1000000", "--events 10000000", "--events 100000000"),
        ("--events 1000000",),
    ),
    "plan": (("--rows 100000", "--rows 1000000"), ("--rows 10000", "--rows 100000")),
    "push": (("",), ("--minutes 2",)),
    "revenue": (
        ("--contracts 1000", "--contracts 10000"),
        ("--contracts 1000",),
    ),
    "checks": (("--customers 10000", "--customers 100000"), ("--quick",)),
    "loop": (("--customers 100", "--customers 1000"), ("--quick",)),
    "sandbox": (("--customers 10000", "--customers 100000"), ("--customers 2000",)),
}
_NAMES = {field.name for field in fields(Figure)}


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a target is missed or a part failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS])
    parser.add_argument("--quick", action="store_true", help="small sizes")
    wanted = parser.parse_args(given)
    where, figures, failed = machine(), [], []
    for part in wanted.parts or PARTS:
        for arguments in PARTS[part][wanted.quick]:
            came = _measured(part, arguments)
            figures += came
            failed += [] if came else [f"{part} {arguments}".strip()]
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    write(BUILD / "bench.json", figures, where)
    _draw(figures, BUILD / "bench.svg")
    for each in failed:
        sys.stdout.write(f"NOT MEASURED: {each}\n")
    return int(bool(failed) or any(each.met is False for each in figures))


def _measured(part: str, arguments: str) -> list[Figure]:
    """Run a part once; none, if it failed, whose own words then stand above."""
    report = BUILD / f"bench-{part}.json"
    report.unlink(missing_ok=True)
    module = f"tests.bench.bench_{part}"
    say(f"== {part} {arguments}")
    began = time.perf_counter()
    command = [sys.executable, "-m", module, *arguments.split()]
    subprocess.run(command, cwd=ROOT, check=False)
    say(f"== {part} took {time.perf_counter() - began:.0f} s")
    if not report.exists():
        return []
    return [_figure(part, each) for each in json.loads(report.read_bytes())]


def _figure(part: str, told: dict[str, Any]) -> Figure:
    known = {name: value for name, value in told.items() if name in _NAMES}
    return Figure(**{**known, "name": f"{part}: {told['name']}"})


def _draw(figures: Iterable[Figure], path: Path) -> None:
    """Draw each figure that has several sizes over them, both axes logarithmic."""
    points = list(_points(figures))
    if not points:
        return
    chart = (
        alt.Chart(alt.Data(values=points))
        .mark_line(point=True)
        .encode(
            x=alt.X("size:Q", scale=alt.Scale(type="log")),
            y=alt.Y("value:Q", scale=alt.Scale(type="log"), title=None),
            color=alt.Color("name:N", title=None),
        )
        .properties(width=420, height=320)
        .facet(column=alt.Column("unit:N", title=None))
        .resolve_scale(x="independent", y="independent", color="independent")
    )
    chart.save(path)


def _points(figures: Iterable[Figure]) -> Iterator[dict[str, Any]]:
    lines: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for each in figures:
        found = re.match(r"[\d,]+", each.size)
        if found and each.value > 0:
            size = int(found[0].replace(",", ""))
            lines[each.name, each.unit][size] = each.value
    for (name, unit), values in lines.items():
        if len(values) > 1:
            for size, value in values.items():
                yield {"name": name, "unit": unit, "size": size, "value": value}


if __name__ == "__main__":
    sys.exit(main())
