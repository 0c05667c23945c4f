"""Records: every system's records of customers in one form, and what changed of them.

How a system's raw table is read stands in its file in `sources`, and nowhere else.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import duckdb

from identity import features
from identity.model import Model
from identity.warehouse import RECORDS

SOURCES = Path(__file__).parent / "sources"
WRITTEN = (
    "system",
    "object",
    "record_id",
    "name",
    "website",
    "email",
    "tax_id",
    "country",
    "street",
    "city",
    "postal_code",
    "phone",
    "parent_key",
    "reference_keys",
    "duplicate_of",
    "created_at",
    "is_live",
)
_HASHED = ", ".join(name for name in WRITTEN)


@cache
def sources() -> dict[str, str]:
    """Return each system's select over its raw table."""
    return {
        path.stem: path.read_text(encoding="utf-8").rstrip()
        for path in sorted(SOURCES.glob("*.sql"))
    }


def raw_tables() -> dict[str, str]:
    """Return the raw table with each system's customers, as `raw_stripe.customers`."""
    return {
        system: re.findall(r"\bfrom\s+(raw_\w+\.\w+)", select)[0]
        for system, select in sources().items()
    }


def read(connection: duckdb.DuckDBPyConnection, systems: Iterable[str] = ()) -> None:
    """Make `read` a view of what the systems say now.

    Args:
        connection: as `warehouse.opened` gives it.
        systems: those whose raw tables are there; all, if none is named.
    """
    known = sources()
    chosen = [known[name] for name in systems] if systems else list(known.values())
    together = "\nunion all by name\n".join(f"({each}\n)" for each in chosen)
    for table in raw_tables().values():
        # A view does not see what `use` was in force when it was made.
        together = re.sub(rf"\b{table}\b", f"warehouse.{table}", together)
    connection.execute(
        f"""
        create or replace view read as
        with told as ({together})
        select
            system || ':' || object || ':' || record_id as record_key,
            * replace (
                list_filter(
                    reference_keys, lambda known: known is not null
                )::varchar[] as reference_keys,
                created_at::timestamptz as created_at
            ),
            hash({_HASHED}) as written_hash
        from told
        """
    )


def find_changed(connection: duckdb.DuckDBPyConnection, *, is_full: bool) -> int:
    """Write the keys of new, changed and gone records to `changed`; return how many.

    What is said of those that are here is in `taken`. A record counts as changed by
    what it says, not by when it was loaded: loading the same again changes nothing. The
    hash covers the key as well: whole numbers are compared in half the time of keys.
    """
    if is_full:
        connection.execute("create or replace table taken as from read")
        gone = "select record_key from read limit 0"
    else:
        connection.execute(
            "create or replace table said as select written_hash from read"
        )
        connection.execute(
            "create or replace table taken as select * from read semi join"
            f" (from said anti join {RECORDS} using (written_hash))"
            " using (written_hash)"
        )
        gone = f"select record_key from {RECORDS} anti join said using (written_hash)"
    connection.execute(
        "create or replace table changed as"
        f" select record_key from taken union ({gone})"
    )
    return int(connection.execute("select count(*) from changed").fetchall()[0][0])


def refresh(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Write what is said of the records in `taken` to the fresh tables."""
    selected = features.select("taken", model.common_words, model.shared_domains)
    connection.execute(f"create or replace table fresh_records as {selected}")
    connection.execute(
        """
        create or replace table fresh_reference_keys as
        select record_key, unnest(reference_keys) as known_key, 'reference' as evidence
        from taken
        union
        select record_key, duplicate_of, 'duplicate' from taken
        where duplicate_of is not null
        """
    )
    connection.execute("drop table taken")
