"""Records: every system's records in one form, and what changed of them.

How a system's raw table is read stands in its file in `sources`, and nowhere else.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import duckdb

from identity.entities import ENTITIES
from identity.entities.customers import CUSTOMERS
from identity.entities.entity import Entity
from identity.model import Model
from identity.warehouse import is_there, table

SOURCES = Path(__file__).parent / "sources"


class OutOfOrderError(Exception):
    """What these records belong to is not resolved yet."""


@cache
def sources(entity: Entity) -> dict[str, str]:
    """Return each source's select over its raw table, by the name of its file."""
    return {
        path.stem: path.read_text(encoding="utf-8").rstrip()
        for path in sorted((SOURCES / entity.name).glob("*.sql"))
    }


def raw_tables(entity: Entity) -> dict[str, str]:
    """Return the raw table that each source reads, as `raw_stripe.customers`."""
    return {
        name: re.findall(r"\bfrom\s+(raw_\w+\.\w+)", select)[0]
        for name, select in sources(entity).items()
    }


def entity_of(record_key: str) -> Entity | None:
    """Return what a record is of, by its system and object; None if nothing is."""
    place = record_key.split(":")[:2]
    for entity in ENTITIES.values():
        for select in sources(entity).values():
            said = re.findall(r"'(\w+)' as (?:system|object)\b", select)
            if place == said:
                return entity
    return None


def read(
    connection: duckdb.DuckDBPyConnection, entity: Entity, systems: Iterable[str] = ()
) -> None:
    """Make `read` a view of what the systems say now.

    Args:
        connection: as `warehouse.opened` gives it.
        entity: what is read.
        systems: the sources whose raw tables are there; all, if none is named.

    Raises:
        OutOfOrderError: what they belong to is not resolved yet.
    """
    _require_owners(connection, entity)
    known = sources(entity)
    chosen = [known[name] for name in systems] if systems else list(known.values())
    together = "\nunion all by name\n".join(f"({each}\n)" for each in chosen)
    for raw in raw_tables(entity).values():
        # A view does not see what `use` was in force when it was made.
        together = re.sub(rf"\b{raw}\b", f"warehouse.{raw}", together)
    connection.execute(
        f"""
        create or replace view read as
        with told as ({_with_owners(entity, together)})
        select
            system || ':' || object || ':' || record_id as record_key,
            * replace (
                list_filter(
                    reference_keys, lambda known: known is not null
                )::varchar[] as reference_keys,
                created_at::timestamptz as created_at
            ),
            hash({", ".join(entity.written)}) as written_hash
        from told
        """
    )


def _require_owners(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Do nothing, if it is known whose these records may be.

    Raises:
        OutOfOrderError: it is not.
    """
    if entity.belongs_to and not is_there(connection, CUSTOMERS, "links"):
        raise OutOfOrderError(
            f"No customers were resolved yet, and {entity.name} belong to customers: "
            "run `concord identity run`, which begins with them."
        )


def _with_owners(entity: Entity, told: str) -> str:
    """Return SQL: what is told, with the golden id of the customer it belongs to.

    It counts among what a record says: who belongs to two customers that become one is
    looked at again.
    """
    if entity.belongs_to is None:
        return told
    return (
        f"select told.*, links.golden_id as customer_id from ({told}) as told"
        f" left join {table(CUSTOMERS, 'links')} as links"
        f" on links.record_key = told.{entity.belongs_to}"
    )


def find_changed(
    connection: duckdb.DuckDBPyConnection, entity: Entity, *, is_full: bool
) -> int:
    """Write the keys of new, changed and gone records to `changed`; return how many.

    What is said of those that are here is in `taken`. A record counts as changed by
    what it says, not by when it was loaded: loading the same again changes nothing. The
    hash covers the key as well: whole numbers are compared in half the time of keys.
    """
    held = table(entity, "records")
    if is_full:
        connection.execute("create or replace table taken as from read")
        gone = "select record_key from read limit 0"
    else:
        connection.execute(
            "create or replace table said as select written_hash from read"
        )
        connection.execute(
            "create or replace table taken as select * from read semi join"
            f" (from said anti join {held} using (written_hash))"
            " using (written_hash)"
        )
        gone = f"select record_key from {held} anti join said using (written_hash)"
    connection.execute(
        "create or replace table changed as"
        f" select record_key from taken union ({gone})"
    )
    return int(connection.execute("select count(*) from changed").fetchall()[0][0])


def refresh(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Write what is said of the records in `taken` to the fresh tables."""
    selected = model.resolves.features(
        "taken", model.common_words, model.shared_domains
    )
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
