"""Glossary: what each metric means, read from the semantic layer that defines it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

UNITS = {
    "usd_minor": "US cents",
    "usd_minor_days": "US cents times days",
    "count": "number",
    "basis_points": "hundredths of a percent",
    "hundredths": "hundredths",
    "hundredth_days": "hundredths of a day",
}
HEAD = """# Metrics

Written by `concord metrics --markdown > docs/metrics.md`; a test compares. The
definitions stand in `transform/models/marts/_semantic_*.yml` and nowhere else:
`marts.metric_values` is made from them, one row per metric, month and level (company,
currency, legal entity, segment), and MetricFlow answers from the same (after
`make check`, in `transform/`: `mf query --metrics arr --group-by metric_time__month`).
Amounts are in US dollars at the budget rate; a balance is that of the month's end.
"""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as people look it up."""

    area: str
    name: str
    label: str
    unit: str
    definition: str


def metrics(manifest: Path) -> list[Metric]:
    """Return all metrics of the dbt manifest by area and name."""
    document = json.loads(manifest.read_text(encoding="utf-8"))
    units = {
        measure["name"]: measure["config"]["meta"]["unit"]
        for model in document["semantic_models"].values()
        for measure in model["measures"]
    }
    return sorted(
        (_metric(each, units) for each in document["metrics"].values()),
        key=lambda metric: (metric.area, metric.name),
    )


def _metric(node: Mapping[str, Any], units: Mapping[str, str]) -> Metric:
    area = Path(node["original_file_path"]).stem.removeprefix("_semantic_")
    # dbt does not hand a measure's meta on to the metric that it creates.
    unit = node["config"]["meta"].get("unit") or units[node["name"]]
    return Metric(
        area.replace("_", " ").capitalize(),
        node["name"],
        node["label"],
        UNITS[unit],
        " ".join(node["description"].split()),
    )


def glossary_table(found: Iterable[Metric]) -> Table:
    """Lay out the metrics for a terminal."""
    table = Table(box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for name in ("metric", "definition", "unit"):
        table.add_column(name, no_wrap=name == "metric")
    for metric in found:
        table.add_row(metric.name, f"{metric.label}: {metric.definition}", metric.unit)
    return table


def glossary_page(found: Iterable[Metric]) -> str:
    """Lay out the metrics as a page of the documentation."""
    parts = [HEAD]
    for area, members in groupby(found, key=lambda metric: metric.area):
        rows = [
            f"| `{each.name}` | {each.label} | {each.definition} | {each.unit} |"
            for each in members
        ]
        parts.append(
            f"## {area}\n\n| name | metric | definition | unit |\n|---|---|---|---|\n"
            + "\n".join(rows)
            + "\n"
        )
    return "\n".join(parts)
