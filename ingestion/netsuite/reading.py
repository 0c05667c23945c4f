"""NetSuite's walks: each page a SuiteQL query that begins after the last key."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ingestion.errors import Refused, Transient
from ingestion.netsuite.streams import INSTANT, SOURCES, STREAMS, Source
from ingestion.readings import (
    Arrival,
    Batch,
    Children,
    Gone,
    Known,
    Page,
    Reading,
    Step,
)
from ingestion.streams import Stream
from ingestion.transport.rest import Rest

SUITEQL = "/services/rest/query/v1/suiteql"
# The most rows NetSuite puts into one page, and the most values of a list in Oracle.
PAGE = 1000
# Scripts and merges delete without a row in `deletedrecord`, and a changed line does
# not always move its record's time of change: once a day everything is read.
SWEEP_EVERY = timedelta(days=1)

_STREAMS: Mapping[str, Stream] = {stream.name: stream for stream in STREAMS}
# Links and lines have no time of change of their own: they arrive with their record.
_CHILDREN: Mapping[str, str] = {
    source.parent: name for name, source in SOURCES.items() if source.parent
}
_RECORDS = tuple(name for name in _STREAMS if not SOURCES[name].parent)


def readings(known: Known) -> tuple[Reading, ...]:
    """Return each stream's changes and what was deleted, or the sweep that is due."""
    walks = []
    for name in _RECORDS:
        fills = _filled(name)
        swept = [known.swept.get(each) for each in fills]
        is_due = any(at is None or known.now - at >= SWEEP_EVERY for at in swept)
        if is_due or not all(each in known.since for each in fills):
            step = partial(_rows, name, is_sweep=True)
            walks.append(Reading(name, fills, step, lists=fills))
        else:
            walks.append(Reading(name, fills, partial(_rows, name, is_sweep=False)))
    if all(name in known.since for name in _STREAMS):
        groups = tuple(_filled(name) for name in _RECORDS)
        walks.append(
            Reading("deleted records", tuple(_STREAMS), _deleted, groups=groups)
        )
    return tuple(walks)


def _filled(name: str) -> tuple[str, ...]:
    """Return the stream, and the one whose rows arrive with its records."""
    return (name, _CHILDREN[name]) if name in _CHILDREN else (name,)


def named(stream: str, ids: Sequence[str]) -> Reading:
    """Return the walk over records by identifier, a thousand in one query.

    Raises:
        KeyError: links and lines have no identifier of their own; name their record.
    """
    if stream not in _RECORDS:
        raise KeyError(stream)
    step = partial(_named, stream, tuple(ids))
    return Reading(f"{stream} by id", _filled(stream), step)


def _rows(name: str, step: Step, *, is_sweep: bool) -> Page:
    """Read the next rows of a stream: all, or what changed."""
    since = None if is_sweep else step.since
    return _page(step, name, _between(since, step.until))


def _named(name: str, ids: tuple[str, ...], step: Step) -> Page:
    first = step.place if isinstance(step.place, int) else 0
    wanted = ids[first : first + PAGE]
    where = f"id IN ({', '.join(str(int(each)) for each in wanted)})"
    found, children, _ = _found(step, name, where, None)
    shown = {str(row["id"]) for row in found}
    gone = [each for each in wanted if each not in shown]
    after = first + PAGE
    return Page(
        [Batch(name, found), Gone(name, gone), *children],
        after if after < len(ids) else None,
    )


def _page(step: Step, name: str, where: str) -> Page:
    last = step.place if isinstance(step.place, int) else None
    found, children, after = _found(step, name, where, last)
    return Page([Batch(name, found), *children], after)


def _found(
    step: Step, name: str, where: str, last: int | None
) -> tuple[list[Any], list[Arrival], int | None]:
    """Return rows, what arrives with them, and the last key if there are more."""
    stream, source = _STREAMS[name], SOURCES[name]
    after = "" if last is None else f"id > {last}"
    found, is_last = _select(
        step.rest, stream, source, _also(source.where, where, after), "id"
    )
    children: list[Arrival] = []
    if name in _CHILDREN:
        ids = [str(row["id"]) for row in found]
        children = _children(step.rest, _CHILDREN[name], ids)
    return found, children, None if is_last else int(found[-1]["id"])


def _children(rest: Rest, name: str, parents: Sequence[str]) -> list[Arrival]:
    """Return what stands in records, or is linked to them, each record's as a whole."""
    if not parents:
        return []
    stream, source = _STREAMS[name], SOURCES[name]
    parent = source.parent_key
    [other] = [each for each in stream.identity if each != parent]
    arrivals: list[Arrival] = [Children(name, parent, parents)]
    among = f"{parent} IN ({', '.join(parents)})"
    after, is_last = "", False
    while not is_last:
        where = _also(source.where, among, after)
        found, is_last = _select(rest, stream, source, where, f"{parent}, {other}")
        arrivals.append(Batch(name, found))
        if found:
            last, place = int(found[-1][parent]), int(found[-1][other])
            after = f"({parent} > {last} OR ({parent} = {last} AND {other} > {place}))"
    return arrivals


def _deleted(step: Step) -> Page:
    """Read which records were deleted, in the order of their keys."""
    last = step.place if isinstance(step.place, list) else None
    after = ""
    if last is not None:
        key, kind = int(last[0]), str(last[1]).replace("'", "''")
        after = f"(recordid > {key} OR (recordid = {key} AND scriptid > '{kind}'))"
    where = _also(_between(step.since, step.until, "deleteddate"), after)
    statement = (
        f"SELECT recordid, scriptid FROM deletedrecord{_where(where)}"
        " ORDER BY recordid, scriptid"
    )
    found, is_last = _answer(step.rest, statement)
    arrivals: list[Arrival] = []
    for name, source in SOURCES.items():
        ids = [
            str(row["recordid"])
            for row in found
            if source.types and source.types.fullmatch(row["scriptid"])
        ]
        arrivals.append(Gone(name, ids))
        if name in _CHILDREN and ids:
            child = _CHILDREN[name]
            arrivals.append(Children(child, SOURCES[child].parent_key, ids))
    more = None if is_last else [found[-1]["recordid"], found[-1]["scriptid"]]
    return Page(arrivals, more)


def _select(
    rest: Rest, stream: Stream, source: Source, where: str, order: str
) -> tuple[list[Any], bool]:
    """Return the rows of a table, without the columns that the account has not."""
    columns = _columns(stream, source)
    while True:
        statement = (
            f"SELECT {', '.join(columns.values())} FROM {source.table}"
            f"{_where(where)} ORDER BY {order}"
        )
        try:
            return _answer(rest, statement)
        except Refused as fault:
            if fault.field not in source.optional & columns.keys():
                raise
            del columns[fault.field]


def _answer(rest: Rest, statement: str) -> tuple[list[Any], bool]:
    """Return the rows of a query, and whether they are the last."""
    answer = query(rest, statement)
    found = answer["items"]
    if answer["count"] != len(found) or (answer["hasMore"] and not found):
        raise Transient(
            rest.system,
            f"it announced {answer['count']} rows, more of them:"
            f" {answer['hasMore']}, and gave {len(found)}",
        )
    for row in found:
        row.pop("links", None)  # the transport's own, not the record's
    return found, not answer["hasMore"]


def query(rest: Rest, statement: str) -> Any:
    """Return the first page of a SuiteQL query."""
    response = rest.read_post(
        SUITEQL,
        json={"q": statement},
        headers={"Prefer": "transient"},
        params={"limit": PAGE},
    )
    return rest.parsed(response)


def _columns(stream: Stream, source: Source) -> dict[str, str]:
    """Return how SuiteQL writes each column, by name."""
    names = [column.name for column in stream.columns]
    keys = [name for name in stream.identity if name not in names]
    written = {
        name: f"{expression} AS {name}"
        for name, expression in source.expressions.items()
    }
    return {name: written.get(name, name) for name in (*keys, *names)}


def _between(
    since: datetime | None, until: datetime | None, column: str = "lastmodifieddate"
) -> str:
    # NetSuite compares in the account's time zone and does not say which it is. The
    # cursor came from the same clock, so both ends agree; loading takes the earlier
    # of it and the server's own time, which can only read more, never less.
    return _also(
        "" if since is None else f"{column} >= {_moment(since)}",
        "" if until is None else f"{column} < {_moment(until)}",
    )


def _moment(at: datetime) -> str:
    written = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"TO_DATE('{written}', '{INSTANT}')"


def _also(*conditions: str) -> str:
    return " AND ".join(condition for condition in conditions if condition)


def _where(condition: str) -> str:
    return f" WHERE {condition}" if condition else ""
