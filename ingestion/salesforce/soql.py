"""SOQL: the queries of a stream, and how Salesforce writes moments."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ingestion.salesforce.streams import STANDING
from ingestion.streams import Stream

# In this order a page can be gone on from by its last record: stamps are whole seconds,
# so many records share one.
ORDER = "SystemModstamp, Id"


def fields_of(stream: Stream) -> list[str]:
    """Return the names of the fields that a stream's columns need, `Id` first."""
    told = [] if stream.object in STANDING else ["IsDeleted"]
    return ["Id", *(str(column.path) for column in stream.columns), *told]


def soql(
    stream: Stream,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Sequence[str] | None = None,
    *,
    ordered: bool = True,
) -> str:
    """Return the query of a stream.

    Args:
        stream: whose records are wanted.
        since: they changed then or later.
        until: they changed before.
        after: stamp and id of a record; those that follow it are wanted.
        ordered: by stamp and id; Bulk API 2.0 advises against an order, because it
            then cannot cut the query into pieces.
    """
    conditions = []
    if since is not None:
        conditions.append(f"SystemModstamp >= {literal(since)}")
    if until is not None:
        conditions.append(f"SystemModstamp < {literal(until)}")
    if after is not None:
        stamp, last = literal(moment(after[0])), quoted(after[1])
        conditions.append(
            f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {last}))"
        )
    return _query(stream, conditions, ordered=ordered)


def soql_of(stream: Stream, ids: Sequence[str]) -> str:
    """Return the query of some records."""
    listed = ", ".join(map(quoted, ids))
    return _query(stream, [f"Id IN ({listed})"], ordered=True)


def _query(stream: Stream, conditions: Sequence[str], *, ordered: bool) -> str:
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = f" ORDER BY {ORDER}" if ordered else ""
    return f"SELECT {', '.join(fields_of(stream))} FROM {stream.object}{where}{order}"


def literal(at: datetime) -> str:
    """Return a moment as a query writes it."""
    fraction = f".{at.microsecond // 1000:03}" if at.microsecond else ""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def moment(text: str) -> datetime:
    """Return a moment as Salesforce answers it: 2026-11-23T08:58:03.000+0000.

    Raises:
        ValueError: it is none.
    """
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def quoted(text: str) -> str:
    """Return a text as a query writes it; it cannot end before its end."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
