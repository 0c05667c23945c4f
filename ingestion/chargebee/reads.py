"""Chargebee's walks: lists by the time of change, and some records by their ids."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ingestion.errors import Refused, Transient
from ingestion.readings import (
    Arrival,
    Batch,
    Children,
    Document,
    Gone,
    Known,
    Page,
    Reading,
    Step,
)
from ingestion.transport.rest import Rest

ROOT = "/api/v2"
# The most records that a list puts into one page.
PAGE = 100
# The most lines that are told of one record at a time. Believed, not verified: an open
# connector (singer's tap-chargebee) asks for as many.
LINES = 300
# The ids of one question. Our choice: an id has at most 50 characters, and 100 of them
# would make an address of 6,000.
IDS = 50
# How often lists that do not show what was deleted are read whole.
SWEEP_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that stand in a record.

    Attributes:
        stream: the stream that they fill.
        field: the field of the record that holds them.
        owner: the column that says whose they are.
    """

    stream: str
    field: str
    owner: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records of a stream are listed.

    Attributes:
        stream: the stream.
        kind: of the object: its key in an answer.
        sort: the time by which the list goes; of some kinds it cannot go by
            `updated_at`, but by one that does not move.
        shows_deleted: whether the list takes `include_deleted` (SDK 3.29.0,
            `ListParams`).
        parts: what stands in its records.
    """

    stream: str
    kind: str
    sort: str = "updated_at"
    shows_deleted: bool = True
    parts: tuple[Part, ...] = ()

    @property
    def path(self) -> str:
        """Return the path of the list, which is named as the stream."""
        return f"{ROOT}/{self.stream}"

    @property
    def fills(self) -> tuple[str, ...]:
        """Return the streams that a walk fills."""
        return (self.stream, *(part.stream for part in self.parts))


SOURCES: Mapping[str, Source] = {
    source.stream: source
    for source in (
        Source("customers", "customer"),
        Source("items", "item", shows_deleted=False),
        Source("item_prices", "item_price", shows_deleted=False),
        Source("coupons", "coupon", sort="created_at", shows_deleted=False),
        Source(
            "subscriptions",
            "subscription",
            parts=(
                Part("subscription_items", "subscription_items", "subscription_id"),
                Part("subscription_coupons", "coupons", "subscription_id"),
            ),
        ),
        Source(
            "invoices",
            "invoice",
            parts=(Part("invoice_lines", "line_items", "invoice_id"),),
        ),
        Source(
            "credit_notes",
            "credit_note",
            sort="date",
            parts=(
                Part("credit_note_lines", "line_items", "credit_note_id"),
                Part("credit_note_allocations", "allocations", "credit_note_id"),
            ),
        ),
        Source(
            "transactions",
            "transaction",
            parts=(
                Part("transaction_invoices", "linked_invoices", "transaction_id"),
                Part(
                    "transaction_credit_notes", "linked_credit_notes", "transaction_id"
                ),
            ),
        ),
        Source("usages", "usage", shows_deleted=False),
    )
}


def readings(known: Known) -> Sequence[Reading]:
    """Return a walk for each list: what changed, or all where that is due."""
    return [_reading(source, known) for source in SOURCES.values()]


def _reading(source: Source, known: Known) -> Reading:
    is_sweep = False
    if not source.shows_deleted:
        swept = known.swept.get(source.stream)
        is_sweep = swept is None or known.now - swept >= SWEEP_EVERY
    is_whole = is_sweep or not all(name in known.since for name in source.fills)
    return Reading(
        source.stream,
        source.fills,
        partial(_listed, source, is_sweep=is_sweep),
        source.fills if is_whole else (),
    )


def named(stream: str, ids: Sequence[str]) -> Reading:
    """Return the walk over these records; deleted ones come marked or are Gone.

    Raises:
        KeyError: the stream has no list of its own.
    """
    source = SOURCES[stream]
    wanted = tuple(dict.fromkeys(ids))
    fetch = partial(_named, source, wanted)
    return Reading(f"{stream} by id", source.fills, fetch)


def _listed(source: Source, step: Step, *, is_sweep: bool) -> Page:
    """Fetch one page of a list; its place is the offset that the last one told."""
    asked: dict[str, Any] = {"limit": PAGE, "sort_by[asc]": source.sort}
    since = None if is_sweep and step.until is None else step.since
    asked |= _changed(since, step.until)
    if step.place is not None:
        asked["offset"] = step.place
    records, offset = _page(step.rest, source, asked)
    return Page(list(_arrivals(step.rest, source, records)), offset)


def _named(source: Source, wanted: tuple[str, ...], step: Step) -> Page:
    """Fetch some records by their ids; the place is how many were asked for already."""
    start = step.place if isinstance(step.place, int) else 0
    ids = wanted[start : start + IDS]
    if not ids:
        return Page([])
    asked = {"limit": PAGE, "id[in]": json.dumps(ids)}
    records, offset = _page(step.rest, source, asked)
    if offset is not None:
        raise Transient(
            step.rest.system,
            f"asked for {len(ids)} records, it announces more than {len(records)}",
        )
    gone = sorted(set(ids) - {str(record.get("id")) for record in records})
    arrivals = list(_arrivals(step.rest, source, records))
    arrivals.append(Gone(source.stream, gone))
    arrivals += [Children(part.stream, part.owner, gone) for part in source.parts]
    end = start + IDS
    return Page(arrivals, end if end < len(wanted) else None)


def _changed(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """Return the bounds of the time of change.

    `after` leaves its own second out, and whether `between` does is not documented: we
    ask for a second more at each end.
    """
    first = None if since is None else math.floor(since.timestamp()) - 1
    last = None if until is None else math.ceil(until.timestamp()) + 1
    match first, last:
        case None, None:
            return {}
        case int(), None:
            return {"updated_at[after]": str(first)}
        case None, int():
            return {"updated_at[before]": str(last)}
        case _:
            return {"updated_at[between]": f"[{first},{last}]"}


def _page(
    rest: Rest, source: Source, asked: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], str | None]:
    """Fetch a page of a list: its records, and the offset of the next one.

    Entries hold other records beside the one that is listed, such as a customer's
    card.
    """
    if source.shows_deleted:
        asked = {**asked, "include_deleted": "true"}
    answer = rest.parsed(rest.get(source.path, asked))
    try:
        records = [entry[source.kind] for entry in answer["list"]]
        offset = answer.get("next_offset")
    except (AttributeError, KeyError, TypeError) as error:
        raise _unlike(rest, source, "the answer is no list of records") from error
    if not all(isinstance(record, dict) for record in records):
        raise _unlike(rest, source, "the answer is no list of records")
    if offset is not None and not records:
        raise Transient(rest.system, "a page is empty and announces another one")
    return records, offset


def _arrivals(
    rest: Rest, source: Source, records: Sequence[dict[str, Any]]
) -> Iterator[Arrival]:
    yield Batch(source.stream, records)
    # A record without an id is told of by its own stream.
    whole = [record for record in records if isinstance(record.get("id"), str)]
    for part in source.parts:
        rows: list[Document] = []
        for record in whole:
            if record.get("deleted") is not True:
                rows += [
                    {**row, part.owner: record["id"]}
                    for row in _rows(rest, source, part, record)
                ]
        yield Batch(part.stream, rows)
        yield Children(part.stream, part.owner, [record["id"] for record in whole])


def _rows(
    rest: Rest, source: Source, part: Part, record: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows in a record, the lines of long invoices page by page."""
    yield from _held(rest, source, part, record)
    if part.field != "line_items":
        return
    offset = record.get("line_items_next_offset")
    while offset is not None:
        asked = {"line_items_limit": LINES, "line_items_offset": offset}
        path = f"{source.path}/{record['id']}"
        try:
            more = rest.parsed(rest.get(path, asked))[source.kind]
            following = more.get("line_items_next_offset")
        except (AttributeError, KeyError, TypeError) as error:
            raise _unlike(rest, source, "the answer is no record") from error
        rows = _held(rest, source, part, more)
        if following is not None and (following == offset or not rows):
            raise Transient(
                rest.system,
                f"the lines of {record['id']} do not end: a page of them brings"
                " nothing new and announces another one",
                record_id=record["id"],
            )
        yield from rows
        offset = following


def _held(
    rest: Rest, source: Source, part: Part, record: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    rows = record.get(part.field) or []
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    fault = _unlike(rest, source, f"{part.field} is no list of rows")
    fault.record_id, fault.field = str(record.get("id")), part.field
    raise fault


def _unlike(rest: Rest, source: Source, reason: str) -> Refused:
    return Refused(
        rest.system,
        reason,
        "check that CHARGEBEE_URL is a site whose API is version 2, then run again",
        object=source.kind,
    )
