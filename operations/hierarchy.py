"""Hierarchy: who stands above whom, from when until when it was seen.

A system says only who is a customer's parent now. What it said before is kept here, so
that a group can be looked at as it stood on any day since the first run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from operations.store import Store, text


@dataclass(frozen=True, slots=True)
class Above:
    """That one golden id stood above another, and in which sense."""

    child_id: str
    parent_id: str
    basis: str  # sales: as the CRM has it; billing: who pays
    valid_from: datetime
    valid_to: datetime | None


def observe(
    store: Store, entity: str, parents: Mapping[tuple[str, str], str], at: datetime
) -> int:
    """Take in who is above whom now; return how many changed.

    Args:
        store: the operations store.
        entity: what they are, as `customers`.
        parents: every parent there is, by its child and the sense.
        at: now.
    """
    rows = store.rows(
        "select child_id, basis, parent_id from golden_parents"
        " where entity = ? and valid_to is null",
        [entity],
    )
    standing = {(row["child_id"], row["basis"]): row["parent_id"] for row in rows}
    ended = [place for place, held in standing.items() if parents.get(place) != held]
    begun = [place for place, now in parents.items() if standing.get(place) != now]
    if not ended and not begun:
        return 0
    with store.transaction() as connection:
        connection.executemany(
            "update golden_parents set valid_to = ? where entity = ?"
            " and child_id = ? and basis = ? and valid_to is null",
            ((text(at), entity, *place) for place in sorted(ended)),
        )
        connection.executemany(
            "insert into golden_parents"
            " (entity, child_id, basis, parent_id, valid_from) values (?, ?, ?, ?, ?)",
            ((entity, *place, parents[place], text(at)) for place in sorted(begun)),
        )
    return len({*ended, *begun})


def edition(store: Store, entity: str) -> str:
    """Return a text that is another one after every change."""
    rows = store.rows(
        "select count(*) as begun, count(valid_to) as ended from golden_parents"
        " where entity = ?",
        [entity],
    )
    return f"{rows[0]['begun']}:{rows[0]['ended']}"


def above(store: Store, entity: str) -> list[Above]:
    """Return all that was ever seen, in the order in which it was."""
    rows = store.rows(
        "select * from golden_parents where entity = ? order by parent_no", [entity]
    )
    return [
        Above(
            row["child_id"],
            row["parent_id"],
            row["basis"],
            datetime.fromisoformat(row["valid_from"]),
            datetime.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in rows
    ]
