"""Business Central's reads: sets with OData's options, single records, expansions."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

from sandbox.business_central.books import OWNER, Books
from sandbox.business_central.entities import COMPANIES, ENTITIES, EntitySet, Link
from sandbox.business_central.options import Options, options_of
from sandbox.business_central.shapes import (
    PLAIN,
    Answer,
    Call,
    answered,
    bad,
    refused,
)
from sandbox.collection import Value
from sandbox.journal import parsed
from sandbox.store import Document, column
from sandbox.wire import dump, listing, whole

# learn.microsoft.com, operational limits: rows of a page of OData.
MAX_PAGE = 20_000
_PART = 500  # ids in one search for what is expanded
_OWNED = f"{column(OWNER)} = ?"


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose records of which set are read, in which state."""

    entity: EntitySet
    company: str
    as_of: datetime | None


class Reads:
    """The reads of all companies."""

    def __init__(self, books: Books) -> None:
        """Read these books."""
        self.books = books
        for entity in ENTITIES.values():
            held = books.held(entity)
            held.index(OWNER, "id")
            if entity is not COMPANIES:
                held.index(OWNER, "lastModifiedDateTime", "id")
            if "number" in entity.properties:
                held.index(OWNER, "number", "id")
        for name in ("salesInvoices", "salesCreditMemos"):
            books.held(ENTITIES[name]).index("customerId")
        for name in ("salesInvoiceLines", "salesCreditMemoLines"):
            books.held(ENTITIES[name]).index("documentId")
        books.held(ENTITIES["customerPayments"]).index("journalId")
        books.held(ENTITIES["generalLedgerEntries"]).index(OWNER, "entryNumber")

    def page(
        self,
        call: Call,
        entity: EntitySet,
        company: str,
        within: tuple[str, str] | None = None,
    ) -> Answer:
        """Return a page of a set, or the number of its records.

        `within` is a field and its only value.
        """
        options = options_of(call, self.books, entity)
        by, way = options.order[0] if options.order else ("id", "")
        where, values = _wanted(entity, company, within, options)
        held, as_of = self.books.held(entity), self.books.as_of(call.headers)
        if call.counts:
            # OData 4.0, part 1, 11.2.9: whatever pages or shapes has no effect on it.
            ((number,),) = held.select("count(*)", where, values, as_of=as_of)
            return Answer(200, str(number).encode(), kind=PLAIN)
        answer: dict[str, Any] = {"@odata.context": _context(call, entity, company)}
        if options.is_counted:
            ((number,),) = held.select("count(*)", where, values, as_of=as_of)
            answer["@odata.count"] = number
        size = self._size(call)
        left = size if options.top is None else min(size, options.top)
        keys = [f"{column(name)}{each}" for name, each in options.order]
        keys.append(f"id{way}" if len(keys) < 2 else "id")
        offset = options.skip
        if options.after is not None:
            value, last = options.after
            if len(options.order) < 2:
                sign = "<" if way else ">"
                if by == "id":
                    where += f" and id {sign} ?"
                    values.append(last)
                else:
                    field = column(by)
                    behind = f"({field} {sign} ? or ({field} is ? and id {sign} ?))"
                    bound = "<=" if way else ">="
                    where += f" and {field} {bound} ? and {behind}"
                    values += [value, value, value, last]
            else:
                # Several orders: the token counts rows, as the vendor's may not.
                offset = int(value)
        rows = held.select(
            f"{column(by)}, id, {self.books.view(entity, options.select)}",
            where,
            values,
            order=", ".join(keys),
            limit=left + 1,
            offset=offset,
            as_of=as_of,
        )
        more = len(rows) > left
        rows = rows[:left]
        if options.expand:
            documents = [parsed(body) for _, _, body in rows]
            held_by = _Place(entity, company, as_of)
            self._expand(documents, rows, held_by, options.expand)
            answer["value"] = documents
        else:
            answer["value"] = listing(body.encode() for _, _, body in rows)
        rest = None if options.top is None else options.top - len(rows)
        if more and rows and (rest is None or rest > 0):
            counted = len(options.order) > 1
            place = (offset + len(rows) if counted else rows[-1][0], rows[-1][1])
            answer["@odata.nextLink"] = _next(call, place, rest)
        return Answer(200, dump(answer))

    def _size(self, call: Call) -> int:
        """Return the size of a page; a caller may ask for less."""
        size = int(self.books.condition("page_size", MAX_PAGE))
        for part in call.headers.get("prefer", "").replace(";", ",").split(","):
            name, _, text = part.strip().partition("=")
            if name.lower() not in ("odata.maxpagesize", "maxpagesize"):
                continue
            wanted = whole(text)
            if wanted is None:
                raise bad(f"'{text}' is no page size.")
            if wanted > MAX_PAGE:
                sentence = f"A page has at most {MAX_PAGE} entities."
                raise refused(413, "RequestEntityTooLarge", sentence)
            size = min(size, max(1, wanted))
        return size

    def one(self, call: Call, entity: EntitySet, company: str, key: str) -> Answer:
        """Return one record."""
        options = options_of(call, self.books, entity)
        where, values = "id = ?", [key]
        if entity is not COMPANIES:
            where, values = f"{_OWNED} and id = ?", [company, key]
        as_of = self.books.as_of(call.headers)
        view = f"1, id, {self.books.view(entity, options.select)}"
        rows = self.books.held(entity).select(view, where, values, as_of=as_of)
        if not rows:
            raise missing(entity, key)
        record = parsed(rows[0][2])
        if options.expand:
            held_by = _Place(entity, company, as_of)
            self._expand([record], rows, held_by, options.expand)
        context = _context(call, entity, company) + "/$entity"
        etag = str(record.get("@odata.etag", ""))
        return answered({"@odata.context": context, **record}, ETag=etag)

    def _expand(
        self,
        documents: Sequence[Document],
        rows: Sequence[tuple[Any, str, str]],
        place: _Place,
        expand: Sequence[str],
    ) -> None:
        """Put what records lead to into them."""
        for name in expand:
            link = place.entity.links[name]
            ours = self._ours(place, link, [row[1] for row in rows])
            found = self._targets(place, link, list(dict.fromkeys(ours.values())))
            for document, (_, key, _) in zip(documents, rows, strict=True):
                records = found.get(str(ours.get(key)), [])
                if link.is_many:
                    document[name] = records
                else:
                    document[name] = records[0] if records else None

    def _ours(self, place: _Place, link: Link, keys: Sequence[str]) -> dict[str, str]:
        if link.ours == "id":
            return {key: key for key in keys}
        found: dict[str, str] = {}
        for start in range(0, len(keys), _PART):
            part = keys[start : start + _PART]
            marks = ", ".join("?" * len(part))
            found |= dict(
                self.books.held(place.entity).select(
                    f"id, {column(link.ours)}",
                    f"id in ({marks})",
                    part,
                    as_of=place.as_of,
                )
            )
        return found

    def _targets(
        self, place: _Place, link: Link, wanted: Sequence[str]
    ) -> dict[str, list[Any]]:
        target = ENTITIES[link.target]
        theirs = "id" if link.theirs == "id" else column(link.theirs)
        found: dict[str, list[Any]] = {}
        for start in range(0, len(wanted), _PART):
            part = wanted[start : start + _PART]
            marks = ", ".join("?" * len(part))
            rows = self.books.held(target).select(
                f"{theirs}, {self.books.view(target)}",
                f"+{_OWNED} and {theirs} in ({marks})",
                (place.company, *part),
                order="place",
                as_of=place.as_of,
            )
            for key, body in rows:
                found.setdefault(str(key), []).append(orjson.Fragment(body.encode()))
        return found


def _wanted(
    entity: EntitySet, company: str, within: tuple[str, str] | None, options: Options
) -> tuple[str, list[Value]]:
    """Return the condition of a page, and its values."""
    by = options.order[0][0] if options.order else "id"
    # By the ids themselves: an index by company would have to be sorted first.
    by_ids = by == "id" and within is None and options.where is None
    where = f"+{_OWNED}" if by_ids else _OWNED
    values: list[Value] = [company]
    if entity is COMPANIES:
        where, values = "1", []
    if within is not None:
        where += f" and {column(within[0])} = ?"
        values.append(within[1])
    if options.where is not None:
        where += f" and {options.where.text}"
        values += options.where.values
    return where, values


def missing(entity: EntitySet, key: str) -> Exception:
    """Return the refusal of a record that isn't there."""
    sentence = (
        f"The {entity.type} does not exist. Identification fields and values:"
        f" SystemId='{key}'"
    )
    return refused(404, "Internal_RecordNotFound", sentence)


def _next(call: Call, place: tuple[Any, str], rest: int | None) -> str:
    token = base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")
    query = {
        name: value
        for name, value in call.query.items()
        if name not in ("$skiptoken", "$skip", "$top")
    }
    query["$skiptoken"] = token
    if rest is not None:
        query["$top"] = str(rest)
    text = "&".join(f"{quote(k, '$')}={quote(v, '')}" for k, v in query.items())
    return f"{call.root}/{quote(call.path, '/()$')}?{text}"


def _context(call: Call, entity: EntitySet, company: str) -> str:
    if entity is COMPANIES:
        return f"{call.root}/$metadata#companies"
    return f"{call.root}/$metadata#companies({company})/{entity.name}"
