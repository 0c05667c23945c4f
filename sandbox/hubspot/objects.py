"""Objects: one record at a time, and pages of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.responses import Response

from sandbox.hubspot.gate import Call, Path, scope_of
from sandbox.hubspot.kinds import Kind, kind_named
from sandbox.hubspot.links import unlabelled
from sandbox.hubspot.records import Records
from sandbox.hubspot.shapes import (
    Document,
    Problem,
    flag,
    names,
    object_body,
    whole,
)
from sandbox.hubspot.views import chosen, columns, histories, shown, written
from sandbox.store import column
from sandbox.wire import answer, listing

MOST = 100  # records of a page
MOST_WITH_HISTORY = 50
USUAL = 10
# One implementation: the paths with a date and those of v3 answer alike.
PREFIXES = ("/crm/v3/objects", "/crm/objects/{version}")


class Objects:
    """The records of every kind, as the objects API has them."""

    def __init__(self, records: Records) -> None:
        """Read and write records."""
        self.records = records
        self.store = records.store

    def paths(self) -> list[Path]:
        """Return the paths."""
        return [
            Path(prefix + path, handlers, scope_of)
            for prefix in PREFIXES
            for path, handlers in (
                ("/{type}/merge", {"POST": self.merge}),
                ("/{type}/gdpr-delete", {"POST": self.forget}),
                ("/{type}", {"GET": self.listed, "POST": self.create}),
                (
                    "/{type}/{id}",
                    {"GET": self.read, "PATCH": self.update, "DELETE": self.archive},
                ),
            )
        ]

    async def listed(self, call: Call) -> Response:
        """Return a page of records by id."""
        kind, request = call.kind, call.request
        past = names(request, "propertiesWithHistory")
        most = MOST_WITH_HISTORY if past else MOST
        limit = whole(request.query_params.get("limit", USUAL), "limit", 1, most)
        after = request.query_params.get("after", "")
        if after:
            after = f"{whole(after, 'after', 0, 999_999_999_999_999):015}"
        archived = flag(request, "archived")
        defined = self.records.definitions.of(kind)
        shows = chosen(kind, defined, names(request, "properties"))
        linked = _kinds(names(request, "associations"))
        sql = None if past or linked or archived else columns(shows)
        found = self.records.held(kind).select(
            f"id, {sql or 'body'}",
            f"{column('archived')} = ? and {column('id')} > ?",
            (int(archived), after),
            order=column("id"),
            limit=limit + 1,
        )
        page = found[:limit]
        if sql is not None:
            body: Document = {"results": listing(text.encode() for _, text in page)}
        else:
            documents = [orjson.loads(text) for _, text in page]
            body = {"results": self._seen(kind, documents, shows, past, linked)}
        if len(found) > limit:
            link = str(request.url.include_query_params(after=page[-1][0]))
            body["paging"] = {"next": {"after": page[-1][0], "link": link}}
        return answer(body)

    def _seen(
        self,
        kind: Kind,
        documents: Sequence[Document],
        shows: Sequence[str],
        past: Sequence[str],
        linked: Sequence[Kind],
    ) -> list[Document]:
        """Return records with their history and associations, where asked for."""
        defined = self.records.definitions.of(kind)
        seen = [shown(document, shows) for document in documents]
        wanted = [name for name in past if name in defined]
        if past and documents:
            told = histories(self.store, kind, documents, wanted)
            for each in seen:
                each["propertiesWithHistory"] = told[each["id"]]
        if linked and documents:
            links = self._links(kind, documents, linked)
            for each in seen:
                if links[each["id"]]:
                    each["associations"] = links[each["id"]]
        return seen

    def _links(
        self, kind: Kind, documents: Sequence[Document], linked: Sequence[Kind]
    ) -> dict[str, dict[str, Document]]:
        found: dict[str, dict[str, Document]] = defaultdict(dict)
        for document in documents:
            for to in linked:
                unlabelled(kind, to)
                rows = [
                    {"id": link["toId"], "type": f"{kind.singular}_to_{to.singular}"}
                    for link in self.records.links.of(kind, document["id"], to)
                ]
                if rows:
                    found[document["id"]][to.name] = {"results": rows}
        return found

    async def read(self, call: Call) -> Response:
        """Return one record, by its id or the value of a unique property."""
        kind, request = call.kind, call.request
        document = self.records.must_find(
            kind,
            call.part("id"),
            request.query_params.get("idProperty"),
            archived=flag(request, "archived"),
        )
        defined = self.records.definitions.of(kind)
        shows = chosen(kind, defined, names(request, "properties"))
        past = names(request, "propertiesWithHistory")
        linked = _kinds(names(request, "associations"))
        return answer(self._seen(kind, [document], shows, past, linked)[0])

    async def create(self, call: Call) -> Response:
        """Make one record, with its associations."""
        body = await object_body(call.request)
        made = self.records.create(
            call.kind,
            body.get("properties"),
            body.get("associations"),
            self.records.request_id(),
        )
        return answer(self._written(call.kind, made), 201)

    async def update(self, call: Call) -> Response:
        """Change one record."""
        body = await object_body(call.request)
        by = call.request.query_params.get("idProperty")
        document = self.records.must_find(call.kind, call.part("id"), by)
        changed = self.records.update(
            call.kind, document, body.get("properties"), self.records.request_id()
        )
        return answer(self._written(call.kind, changed))

    def _written(self, kind: Kind, document: Document) -> Document:
        return written(document, self.records.definitions.of(kind))

    async def archive(self, call: Call) -> Response:
        """Archive one record; again is no error, a record that never was is one."""
        kind, record_id = call.kind, call.part("id")
        document = self.records.find(kind, record_id)
        if document is not None:
            self.records.archive(kind, document, self.records.request_id())
        else:
            self.records.must_find(kind, record_id, archived=True)
        return Response(status_code=204)

    async def merge(self, call: Call) -> Response:
        """Merge two records of a kind into the first."""
        body = await object_body(call.request)
        kept = self.records.merge(
            call.kind, _id(body, "primaryObjectId"), _id(body, "objectIdToMerge")
        )
        return answer(self._written(call.kind, kept))

    async def forget(self, call: Call) -> Response:
        """Delete a contact for good."""
        body = await object_body(call.request)
        by = body.get("idProperty")
        if by is not None and not isinstance(by, str):
            raise Problem(400, "idProperty must be a string")
        if call.kind.name != "contacts":
            raise Problem(400, "Only contacts can be deleted for privacy")
        record_id = _id(body, "objectId")
        document = self.records.find(call.kind, record_id, by)
        if document is None:
            document = self.records.must_find(call.kind, record_id, by, archived=True)
        self.records.forget(call.kind, document)
        return Response(status_code=204)


def _id(body: Document, name: str) -> str:
    value: Any = body.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise Problem(400, f"{name} is required")
    return str(value)


def _kinds(given: Sequence[str]) -> list[Kind]:
    kinds = []
    for name in given:
        kind = kind_named(name)
        if kind is None:
            raise Problem(400, f"Unable to infer object type from: {name}")
        kinds.append(kind)
    return kinds
