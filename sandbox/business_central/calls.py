"""Business Central's calls: from a path to what it means."""

import re
from dataclasses import dataclass, replace

from sandbox.business_central.books import Books
from sandbox.business_central.entities import (
    COMPANIES,
    ENTITIES,
    PARENT_KEY,
    EntitySet,
)
from sandbox.business_central.posting import Posting
from sandbox.business_central.reads import Reads, missing
from sandbox.business_central.shapes import Answer, Call, refused
from sandbox.business_central.writes import Writes

_SEGMENT = re.compile(r"([A-Za-z$][\w.]*)(?:\(([^()]*)\))?")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a path: a set, perhaps with a record's id."""

    name: str
    key: str | None


COUNT = Segment("$count", None)


class Calls:
    """Carries out calls, one after the other."""

    def __init__(self, books: Books) -> None:
        """Read and write these books."""
        self.books = books
        self.posting = Posting(books)
        self.reads = Reads(books)
        self.writes = Writes(books, self.posting)

    def carry_out(self, call: Call) -> Answer:
        """Carry out one call.

        Raises:
            Refusal: it cannot be.
        """
        segments = [_segment(part) for part in call.path.split("/") if part]
        if len(segments) > 1 and segments[-1] == COUNT and segments[-2].key is None:
            call, segments = replace(call, counts=True), segments[:-1]
        if not segments or segments[0].name != COMPANIES.name:
            raise _no_such(segments[0].name if segments else "")
        if len(segments) == 1:
            return self._companies(call, segments[0])
        company = segments[0].key
        if company is None:
            raise _no_such(segments[1].name)
        if self.books.held(COMPANIES).get(company) is None:
            raise missing(COMPANIES, company)
        entity = ENTITIES.get(segments[1].name)
        if entity is None or entity is COMPANIES:
            raise _no_such(segments[1].name)
        if len(segments) == 2:
            return self._set(call, entity, company, segments[1].key)
        if len(segments) > 3 or segments[1].key is None:
            raise _no_such(segments[-1].name)
        return self._below(call, entity, company, segments[1].key, segments[2])

    def _companies(self, call: Call, segment: Segment) -> Answer:
        if call.method != "GET":
            raise _not_allowed(call, COMPANIES)
        if segment.key is None:
            return self.reads.page(call, COMPANIES, "")
        return self.reads.one(call, COMPANIES, "", segment.key)

    def _set(
        self, call: Call, entity: EntitySet, company: str, key: str | None
    ) -> Answer:
        match call.method, key:
            case "GET", None:
                return self.reads.page(call, entity, company)
            case _ if call.counts:
                raise _not_allowed(call, entity)
            case "POST", None:
                return self.writes.create(call, entity, company)
            case "GET", str():
                return self.reads.one(call, entity, company, key)
            case "PATCH", str():
                return self.writes.update(call, entity, company, key)
            case "DELETE", str():
                return self.writes.delete(call, entity, company, key)
        raise _not_allowed(call, entity)

    def _below(
        self, call: Call, entity: EntitySet, company: str, key: str, last: Segment
    ) -> Answer:
        """Follow a link of a record, or carry out an action on it."""
        if last.name.startswith("Microsoft.NAV."):
            if call.method != "POST":
                raise _not_allowed(call, entity)
            return self.posting.act(entity, company, key, last.name)
        link = entity.links.get(last.name)
        if link is None:
            raise _no_such(last.name)
        as_of = self.books.as_of(call.headers) if call.method == "GET" else None
        record = self.books.one(entity, company, key, as_of)
        if record is None:
            raise missing(entity, key)
        target = ENTITIES[link.target]
        if last.key is not None:
            return self._set(call, target, company, last.key)
        within = (link.theirs, str(record[link.ours]))
        if not link.is_many:
            if call.method != "GET" or call.counts:
                raise _not_allowed(call, target)
            return self.reads.one(call, target, company, within[1])
        if call.method == "GET":
            return self.reads.page(call, target, company, within)
        if (
            call.method == "POST"
            and not call.counts
            and link.theirs == PARENT_KEY.get(target.name)
        ):
            return self.writes.create(call, target, company, within)
        raise _not_allowed(call, target)


def _segment(part: str) -> Segment:
    found = _SEGMENT.fullmatch(part)
    if found is None:
        raise _no_such(part)
    key = found[2]
    if key is not None and not _GUID.fullmatch(key):
        sentence = f"The key '{key[:40]}' is not of the type Edm.Guid."
        raise refused(400, "BadRequest_InvalidRequestUrl", sentence)
    return Segment(found[1], None if key is None else key.lower())


def _no_such(name: str) -> Exception:
    sentence = f"Resource not found for the segment '{name[:80]}'."
    return refused(404, "BadRequest_ResourceNotFound", sentence)


def _not_allowed(call: Call, entity: EntitySet) -> Exception:
    sentence = f"'{call.method}' requests for '{entity.name}' are not allowed here."
    return refused(405, "BadRequest_MethodNotAllowed", sentence)
