"""Walk: follow a reading to its end, keep every page, and notice a source that lies."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ingestion.errors import Refused, SystemFault, Transient, naming
from ingestion.raw.spool import Part, Spool, Walk, rows_part, values_part
from ingestion.raw.typed import Unfit, as_text, typed
from ingestion.readings import (
    Arrival,
    Batch,
    Children,
    Gone,
    Keys,
    Mark,
    Page,
    Reading,
    Step,
)
from ingestion.streams import Stream
from ingestion.transport.rest import Rest

# A million rows at Zendesk's ten exports a minute take 100 minutes; what takes longer
# than this does not end.
LONGEST_SECONDS = 6 * 3600.0
# One record that is unfit is a mistake in that record. Where more than a fifth are
# unfit in the same field, the field itself has changed. Small tables may have more.
_SHARE = 0.2
_ROWS = 20


def walk(
    reading: Reading,
    streams: Mapping[str, Stream],
    asked: Step,
    spool: Spool,
    *,
    now: Callable[[], float] = time.monotonic,
) -> dict[str, SystemFault]:
    """Follow a reading from where the spool says to its end.

    Args:
        reading: what is walked.
        streams: the streams it fills, by name.
        asked: the API and the bounds; place and beginning come from the spool.
        spool: keeps what each page brought.
        now: seconds, for the longest walk.

    Returns:
        What cannot be used of a walk whose streams need not be loaded together, by
        stream.

    Raises:
        SystemFault: a step failed; the pages before it are kept. Or what the walk
            brought cannot be used, and the spool forgot it.
    """
    first, rest = streams[reading.fills[0]], asked.rest
    until = now() + LONGEST_SECONDS
    with naming(first.object):
        so_far = spool.walk(reading.name)
        while not so_far.is_over:
            step = replace(asked, place=so_far.place, began=so_far.began)
            page = _fetched(reading, step)
            so_far = _advanced(so_far, page, rest)
            if not spool.keep(
                reading.name, so_far, parts(rest.system, streams, page.arrivals)
            ):
                spool.forget(reading.name)
                raise Refused(
                    rest.system,
                    f"the page after {str(page.next)[:60]!r} was announced twice, so"
                    " the list has no end",
                    "report it to the vendor; nothing of this reading was kept",
                )
            if now() > until:
                raise Transient(
                    rest.system,
                    f"its {so_far.pages:,} pages so far took longer than"
                    f" {LONGEST_SECONDS / 3600:.0f} hours",
                )
        try:
            _insist_on_total(rest.system, reading, so_far, spool)
            unusable = _changed_shape(rest.system, reading, streams, spool)
            if unusable and len(reading.loaded_together) == 1:
                raise next(iter(unusable.values()))
        except SystemFault:
            spool.forget(reading.name)
            raise
    return unusable


def _fetched(reading: Reading, step: Step) -> Page:
    """Return the next page.

    Raises:
        Refused: the answer lacks what it is documented to have, such as an error that
            comes with the status of a success.
        SystemFault: as the reading says.
    """
    try:
        return reading.fetch(step)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Refused(
            step.rest.system,
            f"an answer is not as it is documented ({type(error).__name__}: {error})",
            "check that the API version is still offered, and report it to the vendor",
        ) from error


def _advanced(so_far: Walk, page: Page, rest: Rest) -> Walk:
    return Walk(
        so_far.began or rest.read_at or datetime.now(UTC),
        page.next,
        page.total if so_far.pages == 0 else so_far.total,
        so_far.pages + 1,
        page.next is None,
    )


def parts(
    system: str, streams: Mapping[str, Stream], arrivals: Sequence[Arrival]
) -> list[Part]:
    """Return what arrived as the spool keeps it: documents as typed rows."""
    found: list[Part] = []
    for arrival in arrivals:
        found += _kept(system, streams, arrival)
    # What is older than the word that all children arrive was seen on an earlier page.
    found.sort(key=lambda part: part.kind != "children")
    return [part for part in found if part.number]


def _kept(system: str, streams: Mapping[str, Stream], arrival: Arrival) -> list[Part]:
    name = arrival.stream
    match arrival:
        case Batch():
            table, unfit = typed(system, streams[name], arrival)
            return [
                rows_part(name, table),
                values_part(name, "unfit", list(map(_told, unfit))),
            ]
        case Keys(ids=ids):
            # The part itself says that keys were listed, even where there are none.
            return [values_part(name, "keys", list(ids)), Part(name, "listed", 1, b"")]
        case Gone(ids=ids):
            return [values_part(name, "gone", list(ids))]
        case Children(column=column, parents=parents, since=since):
            columns = [column] if isinstance(column, str) else list(column)
            whose = [[one] if isinstance(one, str) else list(one) for one in parents]
            after = since and [since[0], since[1].isoformat()]
            if not whose:
                return []
            family = {"columns": columns, "parents": whose, "since": after}
            return [values_part(name, "children", [family])]
        case Mark(at=at):
            return [values_part(name, "mark", [at.isoformat()])]


def _told(unfit: Unfit) -> dict[str, Any]:
    fault = unfit.fault
    return {
        "record_id": fault.record_id,
        "field": fault.field,
        "reason": fault.reason,
        "next_step": fault.next_step,
        "document": as_text(unfit.document),
        "given": as_text(unfit.given),
    }


def _insist_on_total(system: str, reading: Reading, walked: Walk, spool: Spool) -> None:
    first = reading.fills[0]
    arrived = spool.number(reading.name, first, "rows") + spool.number(
        reading.name, first, "unfit"
    )
    if walked.total is not None and walked.total != arrived:
        raise Transient(
            system,
            f"it announced {walked.total:,} records and gave {arrived:,}",
            "the next run reads them again; if it stays so, report it to the vendor",
        )


def _changed_shape(
    system: str, reading: Reading, streams: Mapping[str, Stream], spool: Spool
) -> dict[str, SystemFault]:
    """Return the streams of which a field is unfit so often that it has changed."""
    changed: dict[str, SystemFault] = {}
    for name in reading.fills:
        stream = streams[name]
        unfit = [each for _, each in spool.values(name, "unfit")]
        if not unfit:
            continue
        read = spool.number(reading.name, name, "rows") + len(unfit)
        field, number = Counter(each["field"] for each in unfit).most_common(1)[0]
        if number == read > 1 or (number > _ROWS and number > _SHARE * read):
            example = next(each for each in unfit if each["field"] == field)
            changed[name] = Refused(
                system,
                f"{number:,} of {read:,} records do not fit here ({example['reason']})",
                "check whether the field's type or the permissions of the credential"
                f" were changed for {stream.object}, then run again",
                object=stream.object,
                record_id=example["record_id"],
                field=field,
            )
    return changed
