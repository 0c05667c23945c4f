"""Golden ids: the name of a customer that outlives merges, splits and the warehouse.

An id is founded by a record, the oldest of the group that it was minted for, and stays
with the group in which its founder is. A group with several founders goes by the id
that was minted first; the others lead to it until their founders are elsewhere again.
So a merge that is undone leaves everything as it was.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5

from operations.audit import Entry, append
from operations.store import Store, text

ACTOR = "concord"
PREFIXES = {"customers": "C-", "contacts": "CT-", "products": "PR-"}
# The length of the ids that the canonical layer has always made; a longer one where two
# founders have the same beginning: among a million, by a chance of one in five hundred.
SHORT, LONG = 12, 32
# SQLite takes 32,766 values in one statement (sqlite.org/limits.html, no. 9).
AT_ONCE = 30_000


@dataclass(slots=True)
class Assigned:
    """What a run decided: each record's id, and what became of ids."""

    golden_ids: dict[str, str] = field(default_factory=dict)
    minted: int = 0
    merged: dict[str, str] = field(default_factory=dict)  # id to the id it leads to now
    revived: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Id:
    seq: int
    golden_id: str
    founder: str
    redirect_to: str | None


def assign(
    store: Store,
    entity: str,
    groups: Iterable[Sequence[str]],
    at: datetime,
    gone: Collection[str] = (),
) -> Assigned:
    """Give each group its id, and keep whose it was.

    Args:
        store: the operations store.
        entity: what the groups are, as `customers`.
        groups: whole groups of record keys, each with its oldest record first; groups
            that are not given stay as they are.
        at: now.
        gone: records that no longer exist.
    """
    given = sorted((tuple(group) for group in groups), key=lambda group: group[0])
    with store.transaction() as connection:
        return _Assignment(connection, entity, given, text(at), gone).carried_out(at)


def redirects(store: Store, entity: str) -> dict[str, str]:
    """Return the ids that no group goes by any more, each with where it leads."""
    rows = store.rows(
        "select golden_id, redirect_to from golden_ids"
        " where entity = ? and redirect_to is not null",
        [entity],
    )
    return {row["golden_id"]: row["redirect_to"] for row in rows}


def members(store: Store, entity: str) -> dict[str, str]:
    """Return each record's id as it stands."""
    rows = store.rows(
        "select record_key, golden_id from golden_members"
        " where entity = ? and valid_to is null",
        [entity],
    )
    return {row["record_key"]: row["golden_id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Membership:
    """That a record belonged to an id from one instant until another, or still does."""

    record_key: str
    golden_id: str
    valid_from: datetime
    valid_to: datetime | None


def history(store: Store, entity: str, record_key: str) -> list[Membership]:
    """Return all ids that a record has had, the first one first."""
    rows = store.rows(
        "select * from golden_members where entity = ? and record_key = ?"
        " order by member_no",
        [entity, record_key],
    )
    return [
        Membership(
            row["record_key"],
            row["golden_id"],
            datetime.fromisoformat(row["valid_from"]),
            datetime.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in rows
    ]


class _Assignment:
    """One run over some groups, inside of a transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        entity: str,
        groups: list[tuple[str, ...]],
        at: str,
        gone: Collection[str],
    ) -> None:
        self.connection = connection
        self.entity = entity
        self.groups = groups
        self.at = at
        self.gone = set(gone)
        self.group_of = {key: at for at, group in enumerate(groups) for key in group}
        self.held = self._held()
        self.ids = self._ids()
        self.founded = {
            each.founder: each for each in self.ids.values() if self._is_here(each)
        }
        # Ids without a founder, and the group that leads on from them.
        self.absorbed: dict[str, int] = {}
        self.result = Assigned()

    def carried_out(self, at: datetime) -> Assigned:
        """Decide, write it down, and return it."""
        self._found_anew()
        chosen = [self._chosen(group) for group in self.groups]
        self._write_members(chosen)
        self._write_redirects(chosen)
        self._tell(at)
        return self.result

    def _held(self) -> dict[str, str]:
        rows = self._rows_of(
            "select record_key, golden_id from golden_members"
            " where entity = ? and valid_to is null",
            "record_key",
            {*self.group_of, *self.gone},
        )
        return {row["record_key"]: row["golden_id"] for row in rows}

    def _ids(self) -> dict[str, _Id]:
        """Return the ids that these records hold, or founded."""
        query = "select * from golden_ids where entity = ?"
        rows = [
            *self._rows_of(query, "golden_id", set(self.held.values())),
            *self._rows_of(query, "founder", {*self.group_of, *self.gone}),
        ]
        return {
            row["golden_id"]: _Id(
                row["seq"], row["golden_id"], row["founder"], row["redirect_to"]
            )
            for row in rows
        }

    def _rows_of(
        self, query: str, column: str, keys: set[str]
    ) -> Iterator[sqlite3.Row]:
        if len(keys) > AT_ONCE:
            rows = self.connection.execute(query, [self.entity])
            yield from (row for row in rows if row[column] in keys)
            return
        marks = ", ".join("?" * len(keys))
        yield from self.connection.execute(
            f"{query} and {column} in ({marks})", [self.entity, *sorted(keys)]
        )

    def _is_here(self, each: _Id) -> bool:
        return each.founder in self.group_of

    def _found_anew(self) -> None:
        """Give ids whose founder is gone to the part that holds most of their records.

        Of parts of one size, to the one with the least key.
        """
        orphaned = sorted(
            (each for each in self.ids.values() if each.founder in self.gone),
            key=lambda each: each.seq,
        )
        holders: dict[str, list[str]] = {each.golden_id: [] for each in orphaned}
        for key, golden_id in self.held.items():
            if golden_id in holders and key in self.group_of:
                holders[golden_id].append(key)
        for each in orphaned:
            parts = Counter(self.group_of[key] for key in holders[each.golden_id])
            if not parts:
                continue
            size = max(parts.values())
            best = min(
                (self.groups[at] for at, count in parts.items() if count == size),
                key=min,
            )
            free = [key for key in best if key not in self.founded]
            if not free:
                self.absorbed[each.golden_id] = self.group_of[best[0]]
                continue
            each.founder = free[0]
            self.founded[free[0]] = each
            self.connection.execute(
                "update golden_ids set founder = ? where golden_id = ?",
                [each.founder, each.golden_id],
            )

    def _chosen(self, group: tuple[str, ...]) -> str:
        founded = [self.founded[key] for key in group if key in self.founded]
        if founded:
            return min(founded, key=lambda each: each.seq).golden_id
        return self._minted(group[0]).golden_id

    def _minted(self, founder: str) -> _Id:
        digest = md5(founder.encode(), usedforsecurity=False).hexdigest()
        for length in (SHORT, LONG):
            golden_id = PREFIXES[self.entity] + digest[:length]
            cursor = self.connection.execute(
                "insert or ignore into golden_ids"
                " (entity, golden_id, founder, minted_at) values (?, ?, ?, ?)",
                [self.entity, golden_id, founder, self.at],
            )
            if cursor.rowcount:
                break
        else:
            # Its own id was founded anew by another record after it had gone.
            golden_id = f"{golden_id}-{self.at}"
            cursor = self.connection.execute(
                "insert into golden_ids (entity, golden_id, founder, minted_at)"
                " values (?, ?, ?, ?)",
                [self.entity, golden_id, founder, self.at],
            )
        minted = _Id(int(cursor.lastrowid or 0), golden_id, founder, None)
        self.ids[golden_id] = self.founded[founder] = minted
        self.result.minted += 1
        return minted

    def _write_members(self, chosen: Sequence[str]) -> None:
        self.result.golden_ids = {key: chosen[at] for key, at in self.group_of.items()}
        wanted = self.result.golden_ids
        ended = [key for key, held in self.held.items() if wanted.get(key) != held]
        begun = [key for key, now in wanted.items() if self.held.get(key) != now]
        self.connection.executemany(
            "update golden_members set valid_to = ?"
            " where entity = ? and record_key = ? and valid_to is null",
            ((self.at, self.entity, key) for key in sorted(ended)),
        )
        self.connection.executemany(
            "insert into golden_members (entity, record_key, golden_id, valid_from)"
            " values (?, ?, ?, ?)",
            ((self.entity, key, wanted[key], self.at) for key in sorted(begun)),
        )

    def _write_redirects(self, chosen: Sequence[str]) -> None:
        """Let each id lead to the one by which its founder's group goes."""
        for each in sorted(self.ids.values(), key=lambda each: each.seq):
            group = self.group_of.get(each.founder, self.absorbed.get(each.golden_id))
            if group is None:
                continue
            leader = chosen[group]
            target = None if leader == each.golden_id else leader
            if target == each.redirect_to:
                continue
            self.connection.execute(
                "update golden_ids set redirect_to = ? where golden_id = ?",
                [target, each.golden_id],
            )
            if target is None:
                self.result.revived.append(each.golden_id)
            else:
                self.result.merged[each.golden_id] = target

    def _tell(self, at: datetime) -> None:
        entries = [
            Entry(ACTOR, "golden_merge", golden_id, {"into": into})
            for golden_id, into in self.result.merged.items()
        ]
        entries += [
            Entry(ACTOR, "golden_revive", golden_id)
            for golden_id in self.result.revived
        ]
        if self.result.minted:
            told: Mapping[str, int] = {"minted": self.result.minted}
            entries.append(Entry(ACTOR, "golden_mint", self.entity, told))
        append(self.connection, entries, at)
