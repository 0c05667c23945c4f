"""Associations: the v4 paths: one at a time and in batches."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.gate import Call, Path
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.links import End, Spec, unlabelled
from sandbox.hubspot.records import Records
from sandbox.hubspot.shapes import (
    Document,
    Problem,
    batch,
    inputs_of,
    json_body,
    whole,
)
from sandbox.wire import answer

MOST_LISTED = 500
MOST_READ = 1000  # inputs of batch/read; the other batches take 2,000 (documentation)
MOST_WRITTEN = 2000
ONE = ("/crm/v4/objects", "/crm/objects/{version}")
MANY = ("/crm/v4/associations", "/crm/associations/{version}")


def scope_of_pair(call: Call) -> str | None:
    """Return the scope that a call on a pair of kinds needs."""
    names = ("type", "from")
    kind = call.kind_in(next(n for n in names if n in call.request.path_params))
    path = call.request.url.path
    reads = call.request.method == "GET" or path.endswith("/batch/read")
    if "." not in kind.scope:
        return kind.scope
    return f"{kind.scope}.{'read' if reads else 'write'}"


class Associations:
    """The associations of every kind."""

    def __init__(self, records: Records) -> None:
        """Read and write links between records."""
        self.records = records
        self.links = records.links
        self.store = records.store

    def paths(self) -> list[Path]:
        """Return the paths."""
        one = (
            ("/{type}/{id}/associations/default/{to}/{toId}", {"PUT": self.default}),
            ("/{type}/{id}/associations/{to}", {"GET": self.listed}),
            (
                "/{type}/{id}/associations/{to}/{toId}",
                {"PUT": self.put, "DELETE": self.drop},
            ),
        )
        many = (
            ("/{from}/{to}/batch/read", {"POST": self.batch_read}),
            ("/{from}/{to}/batch/create", {"POST": self.batch_create}),
            ("/{from}/{to}/batch/archive", {"POST": self.batch_archive}),
            ("/{from}/{to}/batch/associate/default", {"POST": self.batch_default}),
            ("/{from}/{to}/batch/labels/archive", {"POST": self.batch_unlabel}),
        )
        return [
            Path(prefix + path, handlers, scope_of_pair)
            for prefixes, paths in ((ONE, one), (MANY, many))
            for prefix in prefixes
            for path, handlers in paths
        ]

    def _seen(self, kind: Kind, to: Kind, found: Sequence[Document]) -> list[Document]:
        labels = {
            (each["category"], each["typeId"]): each["label"]
            for each in self.links.types(kind, to)
        }
        return [
            {
                "toObjectId": int(link["toId"]),
                "associationTypes": [
                    {
                        "category": category,
                        "typeId": number,
                        "label": labels.get((category, number)),
                    }
                    for category, number in link["types"]
                ],
            }
            for link in found
        ]

    def _ends(self, call: Call) -> tuple[End, End]:
        kind, to = call.kind, call.kind_in("to")
        start = self.records.must_find(kind, call.part("id"))
        end = self.records.must_find(to, call.part("toId"))
        return (kind, start["id"]), (to, end["id"])

    async def listed(self, call: Call) -> Response:
        """Return a page of one record's associations with a kind."""
        kind, to, query = call.kind, call.kind_in("to"), call.request.query_params
        limit = whole(query.get("limit", MOST_LISTED), "limit", 1, MOST_LISTED)
        after = query.get("after", "")
        if after:
            after = f"{whole(after, 'after', 0, 999_999_999_999_999):015}"
        record = self.records.must_find(kind, call.part("id"))
        found = self.links.of(kind, record["id"], to, after, limit + 1)
        body: Document = {"results": self._seen(kind, to, found[:limit])}
        if len(found) > limit:
            last = found[limit - 1]["toId"]
            request = call.request
            link = str(request.url.include_query_params(after=last))
            body["paging"] = {"next": {"after": last, "link": link}}
        return answer(body)

    async def put(self, call: Call) -> Response:
        """Associate two records with the types of the body."""
        start, end = self._ends(call)
        body = await json_body(call.request)
        specs = self.links.specs(start[0], end[0], body)
        with self.store.transaction():
            self.links.put(start, end, specs, self.records.request_id())
        return answer(self._pair(start, end, specs), 201)

    async def default(self, call: Call) -> Response:
        """Associate two records without a label."""
        start, end = self._ends(call)
        results = self._associate([(start, end)])
        return batch(results, self.store.clock.now())

    async def drop(self, call: Call) -> Response:
        """End the association of two records."""
        start, end = self._ends(call)
        with self.store.transaction():
            self.links.take(start, end, self.records.request_id())
        return Response(status_code=204)

    def _associate(self, pairs: Sequence[tuple[End, End]]) -> list[Document]:
        results: list[Document] = []
        request_id = self.records.request_id()
        with self.store.transaction():
            for start, end in pairs:
                spec = unlabelled(start[0], end[0])
                self.links.put(start, end, [spec], request_id)
                back = unlabelled(end[0], start[0])
                results += [_default(start, end, spec), _default(end, start, back)]
        return results

    def _pair(self, start: End, end: End, specs: Sequence[Spec]) -> Document:
        names = {
            (each["category"], each["typeId"]): each["label"]
            for each in self.links.types(start[0], end[0])
        }
        labels = [name for spec in specs if (name := names.get(spec))]
        return {
            "fromObjectTypeId": start[0].type_id,
            "fromObjectId": int(start[1]),
            "toObjectTypeId": end[0].type_id,
            "toObjectId": int(end[1]),
            "labels": labels,
        }

    async def batch_read(self, call: Call) -> Response:
        """Return the associations of many records with a kind."""
        kind, to = call.kind_in("from"), call.kind_in("to")
        _, inputs = await inputs_of(call.request, MOST_READ)
        results, errors = [], []
        for record_id in dict.fromkeys(_id(each, "id") for each in inputs):
            found = self.links.of(kind, self.records.survivor(kind, record_id), to)
            if found:
                seen = self._seen(kind, to, found)
                results.append({"from": {"id": record_id}, "to": seen})
                continue
            told = f"No {to.singular} is associated with {kind.singular} {record_id}."
            problem = Problem(
                404,
                told,
                context={"fromObjectId": [record_id]},
                more={"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"},
            )
            errors.append(problem.row())
        return batch(results, self.store.clock.now(), errors)

    def _found(
        self, call: Call, inputs: Sequence[Document]
    ) -> tuple[list[tuple[End, End, Document]], list[Document]]:
        """Return the pairs of a batch whose records are there, and the errors."""
        kind, to = call.kind_in("from"), call.kind_in("to")
        unlabelled(kind, to)
        pairs, errors = [], []
        for given in inputs:
            lost: list[str] = []
            starts = self._at_end(kind, given.get("from"), lost)
            targets = self._at_end(to, given.get("to"), lost)
            if lost:
                sentence = "One or more records of an association do not exist."
                errors.append(Problem(404, sentence, context={"ids": lost}).row())
                continue
            pairs += [(start, end, given) for start in starts for end in targets]
        return pairs, errors

    def _at_end(self, kind: Kind, given: object, lost: list[str]) -> list[End]:
        """Return the records that one end of an input names; note those not there."""
        ends = []
        for each in given if isinstance(given, list) else [given]:
            key = _id(each if isinstance(each, dict) else {}, "id")
            found = self.records.find(kind, key)
            if found is None:
                lost.append(key)
            else:
                ends.append((kind, str(found["id"])))
        return ends

    async def batch_create(self, call: Call) -> Response:
        """Associate many pairs of records, each with its types."""
        _, inputs = await inputs_of(call.request, MOST_WRITTEN)
        pairs, errors = self._found(call, inputs)
        results = []
        request_id = self.records.request_id()
        with self.store.transaction():
            for start, end, given in pairs:
                specs = self.links.specs(start[0], end[0], given.get("types"))
                self.links.put(start, end, specs, request_id)
                results.append(self._pair(start, end, specs))
        return batch(results, self.store.clock.now(), errors, status=201)

    async def batch_default(self, call: Call) -> Response:
        """Associate many pairs of records without a label."""
        _, inputs = await inputs_of(call.request, MOST_WRITTEN)
        pairs, errors = self._found(call, inputs)
        results = self._associate([(start, end) for start, end, _ in pairs])
        return batch(results, self.store.clock.now(), errors)

    async def batch_archive(self, call: Call) -> Response:
        """End the associations of many pairs."""
        _, inputs = await inputs_of(call.request, MOST_WRITTEN)
        pairs, _ = self._found(call, inputs)
        request_id = self.records.request_id()
        with self.store.transaction():
            for start, end, _given in pairs:
                self.links.take(start, end, request_id)
        return Response(status_code=204)

    async def batch_unlabel(self, call: Call) -> Response:
        """Take labels from many associations."""
        _, inputs = await inputs_of(call.request, MOST_WRITTEN)
        pairs, _ = self._found(call, inputs)
        request_id = self.records.request_id()
        with self.store.transaction():
            for start, end, given in pairs:
                specs = self.links.specs(start[0], end[0], given.get("types"))
                self.links.take(start, end, request_id, specs)
        return Response(status_code=204)


def _id(given: Document, name: str) -> str:
    value: Any = given.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Problem(400, "Every input needs an id")
    return str(value)


def _default(start: End, end: End, spec: Spec) -> Document:
    return {
        "from": {"id": start[1]},
        "to": {"id": end[1]},
        "associationSpec": {
            "associationCategory": spec[0],
            "associationTypeId": spec[1],
        },
    }
