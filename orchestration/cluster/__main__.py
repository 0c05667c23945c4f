"""Cluster: build on a master and two workers, and hold every table to DuckDB's."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from orchestration.build import BuildFailedError
from orchestration.cluster.run import Wish, run
from orchestration.home import ROOT, NotReadyError, open_home
from orchestration.terminal import console

EVIDENCE = ROOT / "build" / "cluster.json"
# Spark made hundreds of tasks of its recursion, and was stopped after three minutes.
LEFT_OUT = "revenue_performance_obligations+"


def main() -> int:
    """Build, print what is equal, and return the exit status."""
    home = open_home()
    parser = argparse.ArgumentParser(prog="make cluster", description=__doc__)
    parser.add_argument("--warehouse", type=Path, default=home.warehouse)
    parser.add_argument("--as-of", type=date.fromisoformat, default=home.as_of)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "cluster")
    parser.add_argument(
        "--kill-after", type=int, help="kill a worker after so many nodes"
    )
    given, select = parser.parse_known_args()
    if not select:
        select = ["--exclude", LEFT_OUT]
        console.print(f"[dim]·[/dim] without {LEFT_OUT} (docs/scale.md)")
    wish = Wish(
        given.warehouse.resolve(),
        given.work.resolve(),
        given.as_of,
        given.kill_after,
        select,
    )
    try:
        evidence = run(wish, lambda text: console.print(f"[dim]·[/dim] {text}"))
    except (NotReadyError, BuildFailedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    EVIDENCE.parent.mkdir(exist_ok=True)
    EVIDENCE.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")
    table = Table("table", "rows", "equal", box=SIMPLE_HEAD)
    for each in evidence["tables"]:
        wrong = (
            "not built" if each["differing"] is None else f"{each['differing']} rows"
        )
        mark = "yes" if each["is_equal"] else " · ".join([wrong, *each["types"]])
        if each["name"].startswith("marts.") or not each["is_equal"]:
            table.add_row(each["name"], f"{each['rows']:,}", mark)
    console.print(table)
    equal = sum(each["is_equal"] for each in evidence["tables"])
    console.print(
        f"{equal} of {len(evidence['tables'])} tables are equal;"
        f" Spark {evidence['spark_seconds']} s, DuckDB {evidence['duckdb_seconds']} s;"
        f" {EVIDENCE.relative_to(ROOT)}"
    )
    return 0 if evidence["all_equal"] else 1


if __name__ == "__main__":
    sys.exit(main())
