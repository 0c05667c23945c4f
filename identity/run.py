"""Run: resolve what is in the warehouse, all of it or only what changed.

The records fall into components: those that a reference, a pin or a pair worth a look
connects. What happens in one says nothing of another, so that a run over the components
that something changed in ends as a run over everything does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import duckdb

from identity import components, hierarchy, outcome, records, scoring
from identity.entities.entity import Entity
from identity.model import Model
from identity.resolution import Pin
from identity.warehouse import is_there, opened, replace, table
from operations.golden import Assigned, assign, members, redirects
from operations.hierarchy import edition
from operations.pins import pins
from operations.store import Store


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did, in numbers.

    Attributes:
        is_full: whether everything was resolved anew.
        changed: records that are new, changed or gone.
        resolved: records of the components that were looked at.
        records: all of them.
        pairs: those that are kept.
        golden: ids with a record that is not deleted.
        questions: that wait for a person.
        in_review: ids in such a question.
        minted, merged, revived: ids.
    """

    is_full: bool
    changed: int
    resolved: int
    records: int
    pairs: int
    golden: int
    questions: int
    in_review: int
    minted: int
    merged: int
    revived: int


def run(
    warehouse: Path,
    store: Store,
    model: Model,
    at: datetime,
    *,
    systems: Sequence[str] = (),
    is_full: bool = False,
) -> Ran:
    """Bring records, pairs, links and questions up to what the systems say now.

    Args:
        warehouse: the file; nobody else writes it now.
        store: keeps golden ids and pins.
        model: to weigh with.
        at: now.
        systems: whose raw tables are there; all, if none is named.
        is_full: look at everything, though only some of it changed.
    """
    entity = model.resolves
    with opened(warehouse) as connection:
        full = is_full or not _is_made_with(connection, model)
        records.read(connection, entity, systems)
        changed = records.find_changed(connection, entity, is_full=full)
        pinned = _take_pins(connection, store, entity, is_full=full)
        if not (full or changed or pinned):
            return _told(
                connection, entity, Assigned(), is_full=False, changed=0, resolved=0
            )
        records.refresh(connection, model)
        _score(connection, model, is_full=full)
        resolved = components.find(connection, model, is_full=full)
        outcome.write(
            connection, components.resolved(connection, model, _pins(connection))
        )
        gone = _gone(connection, store, entity, is_full=full)
        oldest_first = _oldest_first(connection, entity)
        assigned = assign(store, entity.name, oldest_first, at, gone)
        outcome.name(connection, assigned.golden_ids, redirects(store, entity.name))
        moved = hierarchy.take_in(
            connection,
            store,
            entity,
            at,
            held="" if full else _held_edition(connection, entity),
            is_full=full,
        )
        connection.execute(
            f"create or replace table fresh_state as select '{_made_with(model)}'"
            f" as made_with, {model.version} as version,"
            f" '{edition(store, entity.name)}' as hierarchy"
        )
        kept = () if moved else ("hierarchy",)
        replace(connection, entity, is_full=full, kept=kept)
        return _told(
            connection,
            entity,
            assigned,
            is_full=full,
            changed=changed,
            resolved=resolved,
        )


def _is_made_with(connection: duckdb.DuckDBPyConnection, model: Model) -> bool:
    """Tell whether this model and this program made what stands in the warehouse."""
    state = table(model.resolves, "state")
    if not is_there(connection, model.resolves, "state"):
        return False
    rows = connection.execute(f"select made_with from {state}").fetchall()
    return bool(rows == [(_made_with(model),)])


def _held_edition(connection: duckdb.DuckDBPyConnection, entity: Entity) -> str:
    state = table(entity, "state")
    return str(connection.execute(f"select hierarchy from {state}").fetchall()[0][0])


def _made_with(model: Model) -> str:
    return f"{model.fingerprint}:{_program()}"


@cache
def _program() -> str:
    """Return a hash of everything here: another rule may decide otherwise."""
    digest = sha256()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".sql", ".csv"}:
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _take_pins(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    entity: Entity,
    *,
    is_full: bool,
) -> int:
    """Write the pins to `fresh_pins`, and to `pinned` whom those that moved concern.

    Returns how many moved.
    """
    standing = {
        (each.left_key, each.right_key, each.kind == "same")
        for each in pins(store, entity.name)
    }
    held: set[tuple[str, str, bool]] = set()
    if not is_full:
        query = f"from {table(entity, 'pins')}"
        held = set(connection.execute(query).fetchall())
    moved = standing ^ held
    connection.execute(
        "create or replace table fresh_pins"
        " (left_key varchar, right_key varchar, is_same boolean)"
    )
    connection.execute("create or replace table pinned (record_key varchar)")
    for pin in sorted(standing):
        connection.execute("insert into fresh_pins values (?, ?, ?)", pin)
    for key in sorted({key for left, right, _ in moved for key in (left, right)}):
        connection.execute("insert into pinned values (?)", [key])
    return len(moved)


def _pins(connection: duckdb.DuckDBPyConnection) -> list[Pin]:
    return [Pin(*row) for row in connection.execute("from fresh_pins").fetchall()]


def _score(
    connection: duckdb.DuckDBPyConnection, model: Model, *, is_full: bool
) -> None:
    """Compare the records in `changed` with all; nothing else is compared anew."""
    entity = model.resolves
    connection.execute(
        "create or replace view compared as"
        f" select record_key, {', '.join(entity.compared)} from fresh_records"
        " where is_live"
    )
    if is_full:
        scoring.every_pair(connection, model, "compared", "fresh_pairs")
        return
    held = table(entity, "records")
    scoring.find_met(connection, entity, "compared", held, "others")
    scoring.pairs_of(connection, model, "compared", "others", "fresh_pairs")


def _oldest_first(
    connection: duckdb.DuckDBPyConnection, entity: Entity
) -> Iterator[Sequence[str]]:
    """Yield the groups that were resolved, each with its oldest record first.

    The CRM's own is older than anything: there a customer or a contact begins.
    """
    for (together,) in connection.execute(
        f"""
        select
            list(
                record_key
                order by
                    not starts_with(record_key, '{entity.begins}'),
                    created_at nulls last,
                    record_key
            )
        from grouped
        join known_records using (record_key)
        group by group_key
        """
    ).fetchall():
        yield together


def _gone(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    entity: Entity,
    *,
    is_full: bool,
) -> list[str]:
    """Return the records that once were here and are in no system's table any more."""
    if is_full:
        here = {
            key
            for (key,) in connection.execute(
                "select record_key from known_records"
            ).fetchall()
        }
        return sorted(members(store, entity.name).keys() - here)
    rows = connection.execute(
        "select record_key from changed anti join fresh_records using (record_key)"
    ).fetchall()
    return [str(key) for (key,) in rows]


def _told(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    assigned: Assigned,
    *,
    is_full: bool,
    changed: int,
    resolved: int,
) -> Ran:
    links = table(entity, "links")
    ((total, pairs, golden, questions, in_review),) = connection.execute(
        f"""
        select
            (select count(*) from {table(entity, "records")}),
            (select count(*) from {table(entity, "pairs")}),
            (select count(distinct golden_id) from {links} where is_live),
            (select count(*) from {table(entity, "review")}),
            (select count(distinct golden_id) from {links} where is_in_review)
        """
    ).fetchall()
    return Ran(
        is_full=is_full,
        changed=changed,
        resolved=resolved,
        records=total,
        pairs=pairs,
        golden=golden,
        questions=questions,
        in_review=in_review,
        minted=assigned.minted,
        merged=len(assigned.merged),
        revived=len(assigned.revived),
    )
