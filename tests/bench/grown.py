"""Grown: a built company many times over, as the tables that the checks read.

Every key and name of a customer's records gets the number of the copy at its end, in
all tables alike, so that records of one copy know each other and nobody else. What the
company has once (products, prices, accounts, periods) it has once; sums over all
customers grow with them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

# Tables of what there is once, by their names.
_ONCE = re.compile(
    r"\.operations\.|_dlt_loads|source_|currenc|product|price|meters?$|period_?s?$|gl_accounts"
    r"|campaigns|_items$|moments|metrics$|operational_"
)
# Columns that name it wherever they stand; the others that end like this are a copy's.
_SHARED = re.compile(
    r"product|price|sku|meter|period|entity|campaign|gl_account|currency|item_code"
    r"|account_number|account_name|reason|kind|subsidiary|company|policy|plan_name"
)
_OWN = re.compile(
    r"(^|_)(id|key|name|number|domain|email|website|reference|group|invoice|customer"
    r"|subscription|target|source_id|parent|master_contract|duplicate_of)$"
)
_SUMS = re.compile(r"_(minor|count)$|^value$")
# A record as its system sent it is read by staging alone; it is most of the bytes.
_DOCUMENT = re.compile(r"\.raw_\w+\.")


@dataclass(frozen=True)
class Table:
    """A table to be copied: its name with the schema, and its columns with types."""

    name: str
    columns: Sequence[tuple[str, str]]

    @property
    def own(self) -> set[str]:
        """Return the columns that differ from copy to copy."""
        if _ONCE.search(self.name):
            return set()
        return {
            name
            for name, kind in self.columns
            if kind == "VARCHAR" and _OWN.search(name) and not _SHARED.search(name)
        }


def grow(base: Path, grown: Path, relations: Sequence[str], copies: int) -> None:
    """Write the relations of a warehouse into a new one, many times over.

    Those that are not in the warehouse are left out of the new one, too.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; set threads = 2")
        connection.execute("set preserve_insertion_order = false")
        # A view names its database, which is the name of the file without its ending.
        connection.execute(f"attach '{base}' as {base.stem} (read_only)")
        connection.execute(f"attach '{grown}' as grown")
        for name in relations:
            table = _described(connection, f"{base.stem}.{name}")
            if table is not None:
                schema = name.split(".", maxsplit=1)[0]
                connection.execute(f"create schema if not exists grown.{schema}")
                connection.execute(_statement(table, f"grown.{name}", copies))


def _described(connection: duckdb.DuckDBPyConnection, name: str) -> Table | None:
    try:
        found = connection.execute(f"describe {name}").fetchall()
    except duckdb.CatalogException:
        return None
    return Table(name, [(row[0], row[1]) for row in found])


def _statement(table: Table, into: str, copies: int) -> str:
    is_raw = _DOCUMENT.search(table.name)
    columns = [each for each in table.columns if not (is_raw and each[0] == "record")]
    own = table.own
    if own:
        numbers = f"range({copies}) as copies (copy_number)"
        said = ", ".join(_own(name, name in own) for name, _ in columns)
        return f"create table {into} as select {said} from {table.name}, {numbers}"
    is_monthly = "month" in dict(columns) and not _ONCE.search(table.name)
    said = ", ".join(
        f'cast("{name}" * {copies} as bigint) as "{name}"'
        if is_monthly and _SUMS.search(name) and kind == "BIGINT"
        else f'"{name}"'
        for name, kind in columns
    )
    return f"create table {into} as select {said} from {table.name}"


def _own(name: str, is_own: bool) -> str:  # noqa: FBT001 - of one column
    """Return a column as a copy has it."""
    number = "lpad(cast(copy_number as varchar), 4, '0')"
    return f'"{name}" || {number} as "{name}"' if is_own else f'"{name}"'
