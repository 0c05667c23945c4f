"""Walks: a declared resource's lists, changes and records by identifier."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise

import httpx

from ingestion.declared.answers import AbsentError, Told, at, found, records, refused
from ingestion.declared.paging import Params
from ingestion.declared.resources import Changes, Named, Resource
from ingestion.errors import SystemFault
from ingestion.readings import Batch, Gone, Known, Page, Place, Reading, Step
from ingestion.records import listed
from ingestion.streams import Stream
from ingestion.transport.rest import Rest

_ABSENT = (httpx.codes.NOT_FOUND, httpx.codes.GONE)


def reading(resource: Resource, known: Known) -> Reading:
    """Return the walk of a load: what changed, or everything where that is due."""
    name = resource.stream.name
    changes, every = resource.changes, resource.sweep
    swept = known.swept.get(name)
    is_due = every is not None and (swept is None or known.now - swept >= every)
    if changes is not None and name in known.since and not is_due:
        return Reading(f"{name} changed", (name,), partial(_changed, resource, changes))
    lists = () if every is None else (name,)
    return Reading(name, (name,), partial(_listed, resource), lists)


def named(resource: Resource, ids: Sequence[str]) -> Reading:
    """Return the walk over records by identifier, one in a call.

    Raises:
        KeyError: the resource is not read by identifier.
    """
    name = resource.stream.name
    if resource.named is None:
        raise KeyError(f"{name} is not read by identifier; its file has no by_id")
    asked = tuple(dict.fromkeys(ids))
    step = partial(_named, resource.stream, resource.named, asked)
    return Reading(f"{name} by id", (name,), step)


def _listed(resource: Resource, step: Step) -> Page:
    """Read a page of everything."""
    told, after = _asked(resource, resource.whole, step)
    count = resource.paging.count
    total = told.number(count) if count and step.place is None else None
    return Page([Batch(resource.stream.name, told.documents)], after, total)


def _changed(resource: Resource, changes: Changes, step: Step) -> Page:
    """Read a page of what changed; where the latest comes first, no more than that."""
    told, after = _asked(resource, changes.asked(step.since, step.until), step)
    if changes.stops and step.since is not None:
        stamps = _stamps(told, changes)
        if stamps and stamps[-1] < step.since:
            after = None
    return Page([Batch(resource.stream.name, told.documents)], after)


def _asked(
    resource: Resource, besides: Params, step: Step
) -> tuple[Told, Place | None]:
    """Ask for a page; return its answer and the place of the next."""
    rest, paging = step.rest, resource.paging
    params = {**resource.params, **besides, **paging.size}
    request = paging.way.request(resource.path, params, step.place)
    response = rest.get(request.path, request.params)
    told = _told(resource, rest, response)
    after = paging.way.following(told, step.place)
    if after is not None and not told.documents and not paging.may_be_empty:
        raise told.contradiction("it gave no records and says that more follow")
    return told, after


def _told(resource: Resource, rest: Rest, response: httpx.Response) -> Told:
    """Return what an answer says, its records as columns where they are plain."""
    plain = listed(response.content, resource.data, resource.stream)
    if plain is not None:
        return Told(rest, response, *plain)
    answer = rest.parsed(response)
    return Told(rest, response, answer, records(rest.system, answer, resource.data))


def _stamps(told: Told, changes: Changes) -> list[datetime]:
    """Return the times of change in the order of a page.

    A record whose time cannot be read is quarantined for that; it ends no walk.

    Raises:
        Refused: the latest change does not come first, as it was declared.
    """
    stamps = []
    for document in told.documents:
        try:
            stamps.append(changes.cursor.read(found(document, changes.path)))
        except (AbsentError, TypeError, ValueError, OverflowError):
            continue
    for earlier, later in pairwise(stamps):
        if later > earlier:
            raise refused(
                told.system,
                f"its list does not have the latest {changes.path} first, so that"
                " changes would be missed",
            )
    return stamps


def _named(stream: Stream, way: Named, ids: tuple[str, ...], step: Step) -> Page:
    """Read one record by its identifier; one that is not there is deleted."""
    if not ids:
        return Page([])
    name, rest = stream.name, step.rest
    number = step.place if isinstance(step.place, int) else 0
    after = number + 1 if number + 1 < len(ids) else None
    wanted = ids[number]
    try:
        response = rest.get(way.path_to(wanted))
    except SystemFault as fault:
        if fault.status not in _ABSENT:
            raise
        return Page([Gone(name, [wanted])], after)
    answer = rest.parsed(response)
    record = at(rest.system, answer, way.data) if way.data else answer
    if not isinstance(record, dict):
        raise refused(rest.system, f"the answer for {wanted} is no record")
    # Some vendors find a record by other identifiers too: its own is what we keep.
    is_another = str(record.get(stream.identity[0])) != wanted
    gone = [Gone(name, [wanted])] if is_another else []
    return Page([*gone, Batch(name, [record])], after)
