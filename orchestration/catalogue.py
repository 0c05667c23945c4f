"""Catalogue: which checks there are, read from the dbt project that defines them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

PUSHES = {
    "P": "sent at once",
    "A": "sent when approved",
    "D": "a draft for a person",
    "T": "a task for a person",
}
# Hours until a break of this severity must be gone, where the check says nothing else.
SERVICE_LEVELS = {"S1": 4, "S2": 24, "S3": 120}
HEAD = """# Reconciliation

Written by `concord checks --markdown > docs/reconciliation.md`; a test compares. Each
check is one model `transform/models/reconciliation/rec_….sql`; its facts stand in the
properties file of its area. What they find is in `reconciliation.breaks`, and what
became of each in `reconciliation.check_results`: passed, failed, or not_run with the
reason. `make evaluate` says which planted mistakes each one finds. An S1 break must be
gone within 4 hours, an S2 break within a day, an S3 break within a week, unless the
check says otherwise.
"""


@dataclass(frozen=True, slots=True)
class Check:
    """A check as people look it up."""

    area: str
    check_id: str
    title: str
    tolerance: str
    severity: str
    hours: int
    owner: str
    repair: str
    push: str
    model: str


def checks(manifest: Path) -> list[Check]:
    """Return all checks of the dbt manifest by area and id."""
    document = json.loads(manifest.read_text(encoding="utf-8"))
    found = [
        _check(node["name"], node["config"]["meta"])
        for node in document["nodes"].values()
        if node["resource_type"] == "model" and "check_id" in node["config"]["meta"]
    ]
    return sorted(found, key=lambda check: (check.area, check.check_id))


def _check(name: str, meta: Mapping[str, Any]) -> Check:
    return Check(
        area=meta["area"],
        check_id=meta["check_id"],
        title=meta["title"],
        tolerance=meta["tolerance"],
        severity=meta["severity"],
        hours=meta.get("service_level_hours", SERVICE_LEVELS[meta["severity"]]),
        owner=meta["owner"],
        repair=" ".join(meta["repair"].split()),
        push=PUSHES[meta["push_class"]],
        model=name,
    )


def catalogue_table(found: Iterable[Check]) -> Table:
    """Lay out the checks for a terminal."""
    table = Table(box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for name in ("check", "severity", "owner", "what must be so, and its repair"):
        table.add_column(name, no_wrap=name == "check")
    for check in found:
        what = f"{check.title}\n[dim]→ {check.repair} ({check.push})[/dim]"
        table.add_row(check.check_id, check.severity, check.owner, what)
    return table


def catalogue_page(found: Iterable[Check]) -> str:
    """Lay out the checks as a page of the documentation."""
    parts = [HEAD]
    for area, members in groupby(found, key=lambda check: check.area):
        rows = [
            f"| {each.check_id} | {each.title} | {each.tolerance} |"
            f" {each.severity}, {each.hours} h | {each.owner} |"
            f" {each.repair} | {each.push} |"
            for each in members
        ]
        parts.append(
            f"## {area}\n\n| check | what must be so | tolerance | severity | owner |"
            " repair | which is |\n|---|---|---|---|---|---|---|\n"
            + "\n".join(rows)
            + "\n"
        )
    return "\n".join(parts)
