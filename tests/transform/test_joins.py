"""The joins of the models find their rows by key, however many rows there are.

DuckDB compares each row with every other where a condition of an outer join speaks of
the left side alone, or compares no two values of one side each: an `or`, a `case` with
comparisons in it. What takes a second for a hundred customers takes days for a hundred
thousand. A left side is narrowed by `case when ... then key end`, an end that may be
missing is compared as `or_never` of it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUTER = {"LEFT", "RIGHT", "FULL", "OUTER"}
# Each joins what a company has a handful of, however many customers it has.
WITH_FEW = {
    "int_contracts__modified": "policies",
    "int_gl__entries": "legal entities",
    "int_invoices__issued": "legal entities that sell",
    "int_order_lines__listed": "list prices",
    "journal_lines": "legal entities",
    "revenue_journal_draft_lines": "accounts of the ledger",
}


def compares_all(step: dict[str, Any]) -> bool:
    """Tell whether a step of a plan, or one below it, is such an outer join."""
    is_one = step["name"].strip() == "BLOCKWISE_NL_JOIN"
    if is_one and step["extra_info"].get("Join Type") in OUTER:
        return True
    return any(compares_all(child) for child in step["children"])


def planned(company: Any, models: list[Path]) -> Iterator[str]:
    """Yield the models of which DuckDB would compare each row with every other."""
    for path in models:
        sql = f"explain (format json) {path.read_text(encoding='utf-8')}"
        ((_, plan),) = company.rows(sql)
        if any(compares_all(step) for step in json.loads(plan)):
            yield path.stem


def test_no_outer_join_compares_each_row_with_every_other(rich: Any) -> None:
    """All models but those that join a handful of rows are hashed or sorted."""
    models = (rich.warehouse.parent / "compiled/concord/models").rglob("*.sql")

    found = planned(
        rich, sorted(path for path in models if path.parent.suffix != ".yml")
    )

    assert sorted(found) == sorted(WITH_FEW)
