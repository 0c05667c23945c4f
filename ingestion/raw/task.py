"""Task: what a load is asked to bring, where it works, and what it says it did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a load works.

    `warehouse` is the DuckDB file, `home` the folder for working files, `operations`
    the file of quarantine and control totals. Each is created where it does not exist.
    """

    warehouse: Path
    home: Path
    operations: Path


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did to one raw table.

    `rows` are in the table now, without those that are deleted. `read` documents came
    from the system: `duplicates` of them came twice, `quarantined` did not fit;
    `changed` of the others were new or different and written, `deleted` became
    tombstones. `load_id` is None when nothing had changed in the whole system.
    `seconds` is the time its system took, reading and writing.
    """

    system: str
    stream: str
    rows: int
    read: int
    duplicates: int
    quarantined: int
    changed: int
    deleted: int
    load_id: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a load brings, where it is not simply what is new.

    `streams`: only these. `is_full`: from the start, as if nothing were known.
    `since` and `until` bound the time of change, `until` where the vendor can: such a
    load is a backfill, which finds no deletions and moves no position. `ids`: these
    records, by stream. `is_stored`: nothing is asked of the vendor, the records of the
    warehouse are typed anew, of `day` (UTC) only those that were loaded on it.
    """

    streams: frozenset[str] | None = None
    is_full: bool = False
    since: datetime | None = None
    until: datetime | None = None
    ids: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_stored: bool = False
    day: date | None = None

    @property
    def kind(self) -> str:
        """Return a word for loads of one kind, whose pages stand in one file."""
        if self.ids:
            return "named"
        if self.is_stored:
            return "stored"
        if self.is_full:
            return "full"
        return "window" if self.is_partial else "load"

    @property
    def is_partial(self) -> bool:
        """Tell whether other changes are left out, so that positions stay."""
        return bool(self.since or self.until or self.ids or self.is_stored)


EVERYTHING = Wanted()
