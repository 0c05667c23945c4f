"""Walks: the lists, the searches and the batches by which HubSpot is read."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from ingestion.errors import Refused, Transient, naming
from ingestion.hubspot.api import VERSION, told
from ingestion.hubspot.objects import (
    MERGED,
    OBJECTS,
    OWNERS,
    CrmObject,
    Pair,
    association,
)
from ingestion.hubspot.values import milliseconds
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

# The most records of a list's page, of a search's, of a batch by id, of owners, and
# the most records whose associations one call tells (developers.hubspot.com).
PAGE, SEARCH_PAGE, BATCH_PAGE, OWNERS_PAGE = 100, 200, 100, 500
ASSOCIATED = 1000
# A search does not show what is archived, and its index may miss a change: every
# record is listed so often.
SWEEP_EVERY = timedelta(days=1)

_PARTS = ("id", "createdAt", "updatedAt", "archived", "archivedAt")
_ABSENT = ("OBJECT_NOT_FOUND", "crm.associations.NO_ASSOCIATIONS_FOUND")


def readings(known: Known) -> Sequence[Reading]:
    """Return a walk for each object: all of its records, or what changed.

    All are listed at first and whenever the last list is a day old: a list of ids
    alone would take as many calls.
    """
    walks = [_reading(each, known) for each in OBJECTS]
    # A deactivated owner still stands in old records: the first list brings them too.
    phases = ("live",) if OWNERS.name in known.since else ("live", "archived")
    walks.append(
        Reading("owners", ("owners",), partial(_owners, phases), lists=("owners",))
    )
    return walks


def _reading(wanted: CrmObject, known: Known) -> Reading:
    fills = wanted.fills
    listed = [known.swept.get(name) for name in fills]
    is_fresh = all(at is not None and known.now - at < SWEEP_EVERY for at in listed)
    if is_fresh and all(name in known.since for name in fills):
        return Reading(f"{wanted.name} changed", fills, partial(_searched, wanted))
    return Reading(wanted.name, fills, partial(_listed, wanted), lists=fills)


def named(stream: str, ids: Sequence[str]) -> Reading:
    """Return the walk over just these records; those that are not there are Gone.

    Raises:
        KeyError: no stream of that name can be read by identifier.
    """
    wanted = next((each for each in OBJECTS if each.name == stream), None)
    if wanted is None:
        known = ", ".join(each.name for each in OBJECTS)
        raise KeyError(f"{stream} is not read by identifier; these are: {known}")
    asked = tuple(dict.fromkeys(ids))
    return Reading(f"{stream} named", wanted.fills, partial(_named, wanted, asked))


def _listed(wanted: CrmObject, step: Step) -> Page:
    """List records by id, those that are archived after the others.

    A step takes as many pages as one call for their associations can take records.
    """
    place = step.place if isinstance(step.place, list) else ["live", ""]
    phase, after = place
    documents: list[Document] = []
    path = f"/crm/objects/{VERSION}/{wanted.name}"
    asked = {"properties": ",".join(wanted.properties)}
    with naming(wanted.stream.object):
        while True:
            answer, after = _page(step.rest, path, [phase, after], PAGE, asked)
            documents += _records(step.rest, path, answer, wanted)
            if not after or len(documents) + PAGE > ASSOCIATED:
                break
        arrivals: list[Arrival] = [Batch(wanted.name, documents)]
        if phase == "live":
            arrivals = _with_relatives(step.rest, wanted, documents)
    if after:
        return Page(arrivals, [phase, after])
    return Page(arrivals, ["archived", ""] if phase == "live" else None)


def _owners(phases: Sequence[str], step: Step) -> Page:
    """List the people who may own records, in the phases that are wanted."""
    place = step.place if isinstance(step.place, list) else [phases[0], ""]
    phase = place[0]
    with naming(OWNERS.object):
        path = f"/crm/owners/{VERSION}"
        answer, after = _page(step.rest, path, place, OWNERS_PAGE)
        arrivals = [Batch(OWNERS.name, _identified(step.rest, path, answer))]
    if after:
        return Page(arrivals, [phase, after])
    return Page(arrivals, [phases[-1], ""] if phase != phases[-1] else None)


def _page(
    rest: Rest,
    path: str,
    place: Sequence[str],
    limit: int,
    asked: Mapping[str, str] | None = None,
) -> tuple[Any, str]:
    """Return a page of a list, and what to go on after: nothing where it ends."""
    phase, after = place
    query = {"limit": limit, "archived": "true" if phase == "archived" else "false"}
    if after:
        query["after"] = after
    answer = rest.parsed(rest.get(path, {**query, **(asked or {})}))
    shown = _list(rest, path, answer, "results")
    following = _after(answer)
    if following and not shown:
        raise Transient(rest.system, f"{path} answered an empty page that goes on")
    return answer, following


def _searched(wanted: CrmObject, step: Step) -> Page:
    """Search what changed, by id, each page beginning behind the last one's id.

    An id is unique and never changes, so no instant can hold more than a page, and no
    search shows more than its first page of the 10,000 it may show. What changes while
    this walks keeps its place; the next load sees it again.

    A step takes as many pages as one call for their associations can take records.
    """
    place = str(step.place or "0")
    documents: list[Document] = []
    with naming(wanted.stream.object):
        while True:
            found, left = _found(wanted, step, place)
            documents += found
            if not left or len(documents) + SEARCH_PAGE > ASSOCIATED:
                break
            place = found[-1]["id"]
        arrivals = _with_relatives(step.rest, wanted, documents)
    return Page(arrivals, documents[-1]["id"] if left else None)


def _found(wanted: CrmObject, step: Step, place: str) -> tuple[list[Document], int]:
    """Return the records of a search behind an id, and how many follow these."""
    bounds = (
        ("hs_object_id", "GT", place),
        (wanted.modified, "GTE", step.since),
        (wanted.modified, "LTE", step.until),
    )
    filters = [
        {
            "propertyName": name,
            "operator": operator,
            "value": value if isinstance(value, str) else str(milliseconds(value)),
        }
        for name, operator, value in bounds
        if value is not None
    ]
    path = f"/crm/objects/{VERSION}/{wanted.name}/search"
    asked = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": wanted.properties,
        "limit": SEARCH_PAGE,
    }
    answer = step.rest.parsed(step.rest.read_post(path, json=asked))
    documents = _records(step.rest, path, answer, wanted)
    _insist_on_order(step.rest, path, place, documents)
    left = _whole(step.rest, path, answer, "total") - len(documents)
    if left < 0 or (left and not documents):
        raise Transient(
            step.rest.system,
            f"{path} answered {len(documents)} records of {answer['total']}",
        )
    return documents, left


def _named(wanted: CrmObject, ids: Sequence[str], step: Step) -> Page:
    """Read the next records by id; one that was merged is answered by its survivor."""
    place = step.place if isinstance(step.place, int) else 0
    chunk = ids[place : place + BATCH_PAGE]
    if not chunk:
        return Page(())
    path = f"/crm/objects/{VERSION}/{wanted.name}/batch/read"
    asked = {"inputs": [{"id": each} for each in chunk]}
    with naming(wanted.stream.object):
        answer = step.rest.parsed(
            step.rest.read_post(path, json={**asked, "properties": wanted.properties})
        )
        documents = _records(step.rest, path, answer, wanted)
        absent = set(_absent(step.rest, path, answer, "ids"))
        found = {document["id"] for document in documents}
        missing = [each for each in chunk if each not in found]
        if not any(map(_merged, documents)) and not absent.issuperset(missing):
            raise Transient(
                step.rest.system, f"{path} says nothing of some of the records"
            )
        arrivals = _with_relatives(step.rest, wanted, documents, missing)
    following = place + BATCH_PAGE
    return Page(arrivals, following if following < len(ids) else None)


def _with_relatives(
    rest: Rest,
    wanted: CrmObject,
    documents: Sequence[Document],
    missing: Sequence[str] = (),
) -> list[Arrival]:
    """Return records, what became of others, and the associations of all of them.

    Gone are those that are missing and those that were merged into a record here.
    """
    ids = [document["id"] for document in documents]
    gone = [each for document in documents for each in _merged(document)]
    gone = list(dict.fromkeys([*missing, *gone]))
    arrivals: list[Arrival] = [Batch(wanted.name, documents), Gone(wanted.name, gone)]
    for pair in wanted.pairs:
        if ids:
            arrivals.append(_associated(rest, pair, ids))
        arrivals.append(Children(pair.stream.name, pair.parent, [*ids, *gone]))
    return arrivals


def _merged(document: Document) -> list[str]:
    text = document["properties"].get(MERGED)
    return [each for each in text.split(";") if each] if isinstance(text, str) else []


def _associated(rest: Rest, pair: Pair, ids: Sequence[str]) -> Batch:
    """Return all associations of some records; a long list of one comes in parts."""
    path = f"/crm/associations/{VERSION}/{pair.origin}/{pair.to}/batch/read"
    asked = [{"id": each} for each in ids]
    done: set[tuple[str, str]] = set()
    documents: list[Document] = []
    while asked:
        inputs, asked = asked[:ASSOCIATED], asked[ASSOCIATED:]
        answer = rest.parsed(rest.read_post(path, json={"inputs": inputs}))
        results = _list(rest, path, answer, "results")
        _absent(rest, path, answer, "fromObjectId")
        for result in results:
            try:
                origin, after = str(result["from"]["id"]), _after(result)
                documents += [association(origin, each) for each in result["to"]]
            except (AttributeError, KeyError, TypeError) as error:
                raise _strange(rest, path, "associations of another shape") from error
            if (origin, after) in done:
                raise Refused(rest.system, f"{path} repeats the part {after}")
            if after:
                done.add((origin, after))
                asked.append({"id": origin, "after": after})
    return Batch(pair.stream.name, documents)


def _absent(rest: Rest, path: str, answer: Any, name: str) -> list[str]:
    """Return the ids that a batch says are not there; any other error is raised."""
    if answer.get("status") != "COMPLETE":
        raise Transient(rest.system, f"{path} answered before it was complete")
    absent: list[str] = []
    for error in answer.get("errors") or ():
        if not {error.get("category"), error.get("subCategory")} & {*_ABSENT}:
            raise told(error, Transient)
        absent += (error.get("context") or {}).get(name, ())
    return absent


def _records(rest: Rest, path: str, answer: Any, wanted: CrmObject) -> list[Document]:
    """Return an answer's records: what was asked for of each, in that order.

    A list, a search and a batch each add something of their own, and may put it in
    another order: the same record would look changed.
    """
    records: list[Document] = []
    for each in _identified(rest, path, answer):
        own = each.get("properties")
        if not isinstance(own, dict):
            raise _strange(rest, path, "records without properties")
        record = {name: each[name] for name in _PARTS if name in each}
        asked = {name: own[name] for name in wanted.properties if name in own}
        records.append({**record, "properties": asked})
    return records


def _identified(rest: Rest, path: str, answer: Any) -> list[dict[str, Any]]:
    results = _list(rest, path, answer, "results")
    if not all(isinstance(each, dict) for each in results) or not all(
        isinstance(each.get("id"), str) for each in results
    ):
        raise _strange(rest, path, "results without ids")
    return results


def _insist_on_order(
    rest: Rest, path: str, place: str, documents: Sequence[Document]
) -> None:
    ids = [place, *(document["id"] for document in documents)]
    numbers = [int(each) for each in ids if each.isdecimal()]
    if len(numbers) < len(ids) or numbers != sorted(set(numbers)):
        raise _strange(rest, path, "records in another order than by id")


def _after(answer: Any) -> str:
    """Return the cursor of what follows, empty where nothing does."""
    following = (answer.get("paging") or {}).get("next") or {}
    return str(following.get("after") or "")


def _list(rest: Rest, path: str, answer: Any, name: str) -> list[Any]:
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise _strange(rest, path, f"no list of {name}")
    return found


def _whole(rest: Rest, path: str, answer: Any, name: str) -> int:
    found = answer.get(name)
    if not isinstance(found, int):
        raise _strange(rest, path, f"no {name}")
    return found


def _strange(rest: Rest, path: str, what: str) -> Refused:
    return Refused(
        rest.system,
        f"{path} answered {what}",
        "check that HUBSPOT_URL is the address of the API, then run again",
    )
