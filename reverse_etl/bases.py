"""Bases: what each field of each record is known to hold."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

from operations.store import text
from reverse_etl.change import Change
from reverse_etl.mirror import Base


def put_base(
    connection: sqlite3.Connection,
    values: Iterable[Base],
    at: datetime,
    change_id: str | None = None,
) -> None:
    """Remember what a record is known to hold, inside the caller's transaction."""
    connection.executemany(
        "insert or replace into base values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                value.system,
                value.object,
                value.record_id,
                value.field,
                value.value,
                int(value.is_known),
                change_id,
                text(at),
            )
            for value in values
        ],
    )


def base_of(
    change: Change, record_id: str, values: Mapping[str, str | None]
) -> list[Base]:
    """Return a change's fields with values known to be in the record."""
    return [
        Base(change.system, change.object, record_id, name, value)
        for name, value in values.items()
    ]


def before(change: Change) -> list[Base]:
    """Return the bases that a change's fields had when it was planned."""
    return [
        Base(
            change.system,
            change.object,
            str(change.record_id),
            field.field,
            field.base,
            field.base_known,
        )
        for field in change.fields
    ]
