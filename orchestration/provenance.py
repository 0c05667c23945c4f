"""Provenance: where a customer's golden values come from, and which were not taken."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import duckdb
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from orchestration.home import Home, NotReadyError

KNOWN = """
select customer_id from canonical.customer_records where record_key = $1
union all
select customer_id from canonical.customers where customer_id = $1
"""
VALUES = """
select * from canonical.customer_field_values
where customer_id = $1 and ($2 is null or field = $2)
order by field, value_rank
"""
RULES = {
    "owner": "the first of owner and followers who has one",
    "derived": "computed from the owner's data",
}


def values(
    home: Home, subject: str, field: str | None
) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """Return the customer that a record or a golden id names, and what is held of it.

    Raises:
        NotReadyError: nothing was built yet, or there is no such customer or field.
    """
    if not home.warehouse.exists():
        raise NotReadyError(f"{home.folder} has no warehouse yet: run the loop first.")
    with closing(duckdb.connect(str(home.warehouse), read_only=True)) as warehouse:
        warehouse.execute("set TimeZone = 'UTC'")
        try:
            found = warehouse.execute(KNOWN, [subject]).fetchall()
        except duckdb.CatalogException as error:
            raise NotReadyError(
                "Nothing was built yet: begin with concord run refresh."
            ) from error
        if not found:
            raise NotReadyError(
                f"No customer and no customer's record is called {subject}: name it as"
                " system:object:id, such as salesforce:account:001…"
            )
        customer_id = str(found[0][0])
        answer = warehouse.execute(VALUES, [customer_id, field])
        names = [column[0] for column in answer.description]
        rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    if field and not rows:
        raise NotReadyError(f"No system has a {field} of {customer_id}.")
    return customer_id, rows


def provenance_table(home: Home, subject: str, field: str | None) -> Table:
    """Show each golden value with its rule, and under it the values that lost."""
    customer_id, rows = values(home, subject, field)
    table = Table(
        title=f"Golden values of {customer_id}",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("field", "value", "held by", "changed there", "why"):
        table.add_column(name, overflow="fold")
    golden = {row["field"]: row["value"] for row in rows if row["is_winner"]}
    for row in rows:
        changed = row["source_updated_at"]
        table.add_row(
            row["field"] if row["value_rank"] == 1 else "",
            escape(row["value"]),
            row["record_key"],
            "" if changed is None else f"{changed:%Y-%m-%d %H:%M}",
            _verdict(row, golden.get(row["field"])),
        )
    return table


def _verdict(row: Mapping[str, Any], golden: str | None) -> str:
    if row["is_winner"]:
        return f"[bold]taken[/bold]: {RULES[row['rule']]}"
    return "[dim]says the same[/dim]" if row["value"] == golden else "not taken"
