"""Batches: up to a hundred records in one request, each with its own outcome.

HubSpot fails a whole batch for one bad value, unless every input names itself by
`objectWriteTraceId`: then the good ones are written and the bad ones are told (207).
Records that are not there never stop the others.
"""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.gate import Call, Path, scope_of
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.objects import PREFIXES
from sandbox.hubspot.records import Records
from sandbox.hubspot.shapes import Document, Problem, batch, inputs_of, texts
from sandbox.hubspot.views import chosen, histories, shown, written

MOST = 100
TRACE = "objectWriteTraceId"

One = Callable[[Document], Document]


class Batches:
    """The batch paths of every kind."""

    def __init__(self, records: Records) -> None:
        """Read and write records."""
        self.records = records
        self.store = records.store

    def paths(self) -> list[Path]:
        """Return the paths."""
        return [
            Path(f"{prefix}/{{type}}/batch/{name}", {"POST": handler}, scope_of)
            for prefix in PREFIXES
            for name, handler in (
                ("read", self.read),
                ("create", self.create),
                ("update", self.update),
                ("upsert", self.upsert),
                ("archive", self.archive),
            )
        ]

    async def read(self, call: Call) -> Response:
        """Return the records with these ids, and tell which are not there."""
        kind = call.kind
        body, inputs = await inputs_of(call.request, MOST)
        by = body.get("idProperty")
        if by is not None and not isinstance(by, str):
            raise Problem(400, "idProperty must be a string")
        archived = call.request.query_params.get("archived") == "true"
        defined = self.records.definitions.of(kind)
        shows = chosen(kind, defined, texts(body.get("properties"), "properties"))
        past = texts(body.get("propertiesWithHistory"), "propertiesWithHistory")
        found: dict[str, Document] = {}
        missing = []
        for key in dict.fromkeys(_key(each) for each in inputs):
            document = self.records.find(kind, key, by, archived=archived)
            if document is None:
                missing.append(key)
            else:
                found[document["id"]] = document
        results = [shown(document, shows) for document in found.values()]
        if past and found:
            wanted = [name for name in past if name in defined]
            told = histories(self.store, kind, list(found.values()), wanted)
            for each in results:
                each["propertiesWithHistory"] = told[each["id"]]
        errors = [_missing(kind, missing)] if missing else []
        return batch(results, self.store.clock.now(), errors)

    async def create(self, call: Call) -> Response:
        """Make records."""
        kind, request_id = call.kind, self.records.request_id()
        _, inputs = await inputs_of(call.request, MOST)

        def one(given: Document) -> Document:
            properties, links = given.get("properties"), given.get("associations")
            return self.records.create(kind, properties, links, request_id)

        return self._each(kind, inputs, one, status=201)

    async def update(self, call: Call) -> Response:
        """Change records that are there."""
        kind, request_id = call.kind, self.records.request_id()
        _, inputs = await inputs_of(call.request, MOST)
        _unique(inputs)
        for by in {_by(each) for each in inputs}:
            if by is not None:
                self.records.check_unique(kind, by)

        def one(given: Document) -> Document:
            document = self.records.find(kind, _key(given), _by(given))
            if document is None:
                raise Problem(**_absent(kind, [_key(given)]))
            properties = given.get("properties")
            return self.records.update(kind, document, properties, request_id)

        return self._each(kind, inputs, one)

    async def upsert(self, call: Call) -> Response:
        """Change the records that a unique value finds, and make the others."""
        kind, request_id = call.kind, self.records.request_id()
        _, inputs = await inputs_of(call.request, MOST)
        _unique(inputs)
        for by in {_by(each) for each in inputs}:
            if by is None:
                raise Problem(400, "idProperty is required to upsert")
            self.records.check_unique(kind, by)

        def one(given: Document) -> Document:
            key, by = _key(given), str(_by(given))
            properties = given.get("properties")
            if not isinstance(properties, dict):
                raise Problem(400, "Invalid input JSON: properties must be an object")
            document = self.records.find(kind, key, by)
            if document is None:
                made = self.records.create(
                    kind, {by: key} | properties, None, request_id
                )
                return made | {"new": True}
            values = properties or {by: key}
            changed = self.records.update(kind, document, values, request_id)
            return changed | {"new": False}

        return self._each(kind, inputs, one)

    async def archive(self, call: Call) -> Response:
        """Archive records; those that are not there are passed over."""
        kind, request_id = call.kind, self.records.request_id()
        _, inputs = await inputs_of(call.request, MOST)
        with self.store.transaction():
            for key in dict.fromkeys(_key(each) for each in inputs):
                document = self.records.find(kind, key)
                if document is not None:
                    self.records.archive(kind, document, request_id)
        return Response(status_code=204)

    def _each(
        self, kind: Kind, inputs: Sequence[Document], one: One, *, status: int = 200
    ) -> Response:
        """Carry out each input; see the module's docstring for what fails whom."""
        traced = all(isinstance(each.get(TRACE), str) for each in inputs)
        defined = self.records.definitions.of(kind)
        results, errors, missing = [], [], []
        with self.store.transaction():
            for given in inputs:
                try:
                    document = one(given)
                except Problem as problem:
                    if problem.status == 404 and not traced:
                        missing.append(_key(given))
                    elif not traced:
                        raise
                    else:
                        errors.append(_error(problem, given[TRACE]))
                    continue
                result = written(document, defined)
                if "new" in document:
                    result["new"] = document["new"]
                if isinstance(given.get(TRACE), str):
                    result[TRACE] = given[TRACE]
                results.append(result)
        if missing:
            errors.append(_missing(kind, missing))
        return batch(results, self.store.clock.now(), errors, status=status)


def _key(given: Document) -> str:
    value = given.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Problem(400, "Every input needs an id")
    return str(value)


def _by(given: Document) -> str | None:
    value = given.get("idProperty")
    if value is not None and not isinstance(value, str):
        raise Problem(400, "idProperty must be a string")
    return value or None


def _unique(inputs: Sequence[Document]) -> None:
    """Raise a 400 if two inputs mean the same record."""
    keys = [(_by(each), _key(each)) for each in inputs]
    twice = sorted({key for by, key in keys if keys.count((by, key)) > 1})
    if twice:
        raise Problem(
            400,
            f"Duplicate IDs found in batch input: [{', '.join(twice)}]."
            " IDs must be unique",
        )


def _absent(kind: Kind, ids: Sequence[str]) -> dict[str, Any]:
    return {
        "status": 404,
        "message": f"Could not get some {kind.label} objects, they may be deleted or"
        " not exist. Check that ids are valid.",
        "category": "OBJECT_NOT_FOUND",
        "context": {"ids": list(ids)},
    }


def _missing(kind: Kind, ids: Sequence[str]) -> Document:
    return Problem(**_absent(kind, ids)).row()


def _error(problem: Problem, trace: str) -> Document:
    body = problem.row()
    return body | {"context": {**body.get("context", {}), TRACE: [trace]}}
