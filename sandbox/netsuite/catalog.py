"""Catalog: what the record API says about its own records."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.netsuite.fields import Field
from sandbox.netsuite.record_types import RECORD_TYPES, RecordType
from sandbox.netsuite.records import record_type
from sandbox.netsuite.shapes import REST, error
from sandbox.store import Document, Store
from sandbox.wire import Refusal, answer, root_url

CATALOG = f"{REST}/record/v1/metadata-catalog"
SWAGGER, SCHEMA = "application/swagger+json", "application/schema+json"

_PLAIN: Mapping[str, Document] = {
    "text": {"type": "string"},
    "email": {"type": "string", "format": "email"},
    "day": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "number": {"type": "number", "format": "double"},
    "flag": {"type": "boolean"},
}


class Catalog:
    """The metadata of one account."""

    def __init__(self, store: Store) -> None:
        """Describe what the account's role may see."""
        self.store = store

    async def all(self, request: Request) -> Response:
        """List the record types, or describe them as OpenAPI."""
        names = request.query_params.get("select", "")
        wanted = [
            record_type(self.store, name.strip()) for name in names.split(",") if name
        ] or list(RECORD_TYPES.values())
        accepted = request.headers.get("accept", "")
        root = root_url(request)
        if SWAGGER in accepted:
            return _typed(_openapi(wanted, root), SWAGGER)
        items = [{"name": kind.name, "links": _links(kind, root)} for kind in wanted]
        here = [{"rel": "self", "href": str(request.url)}]
        return answer({"links": here, "items": items})

    async def one(self, request: Request) -> Response:
        """Describe one record type."""
        kind = record_type(self.store, request.path_params["record"])
        accepted = request.headers.get("accept", "*/*")
        if SCHEMA in accepted:
            return _typed(_schema(kind, root_url(request)), SCHEMA)
        if SWAGGER in accepted:
            return _typed(_openapi([kind], root_url(request)), SWAGGER)
        if "json" in accepted or "*/*" in accepted:
            links = _links(kind, root_url(request))
            return answer({"name": kind.name, "links": links})
        sentence = f"Use {SCHEMA} or {SWAGGER} in the header 'Accept'."
        raise Refusal(error(406, sentence, "INVALID_HEADER"))


def _typed(value: Document, kind: str) -> Response:
    response = answer(value)
    response.headers["Content-Type"] = kind
    return response


def _links(kind: RecordType, root: str) -> list[dict[str, str]]:
    href = f"{root}{CATALOG}/{kind.name}"
    return [
        {"rel": "canonical", "href": href},
        {"rel": "alternate", "href": href, "mediaType": SWAGGER},
        {"rel": "describes", "href": f"{root}{REST}/record/v1/{kind.name}"},
        {"rel": "alternate", "href": href, "mediaType": SCHEMA},
    ]


def _described(field: Field) -> Document:
    plain = _PLAIN.get(field.kind)
    if plain is None:
        names = {"id": {"type": "string"}, "refName": {"type": "string"}}
        plain = {"type": "object", "properties": names}
    described = {"title": field.name, **plain, "nullable": not field.required}
    return described | ({"readOnly": True} if field.read_only else {})


def _schema(kind: RecordType, root: str) -> Document:
    properties: Document = {field.name: _described(field) for field in kind.fields}
    for sublist in kind.sublists:
        lines = {field.name: _described(field) for field in sublist.fields}
        items = {"type": "array", "items": {"type": "object", "properties": lines}}
        properties[sublist.name] = {"type": "object", "properties": {"items": items}}
    return {
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
        "$id": f"{root}{CATALOG}/{kind.name}",
        "type": "object",
        "properties": properties,
    }


def _openapi(kinds: list[RecordType], root: str) -> Document:
    operation: Callable[[str], Any] = lambda sentence: {  # noqa: E731 -- one shape
        "summary": sentence,
        "responses": {"default": {"description": "See the REST API guide."}},
    }
    paths: Document = {}
    for kind in kinds:
        paths[f"/{kind.name}"] = {"get": operation(f"Get a list of {kind.name}.")}
        paths[f"/{kind.name}/{{id}}"] = {"get": operation(f"Get a {kind.name}.")}
        for method in kind.writes:
            place = f"/{kind.name}" + ("" if method == "POST" else "/{id}")
            paths[place][method.lower()] = operation(f"{method} a {kind.name}.")
    return {
        "openapi": "3.0.1",
        "info": {"title": "NetSuite REST Record API", "version": "v1"},
        "servers": [{"url": f"{root}{REST}/record/v1"}],
        "paths": paths,
        "components": {
            "schemas": {kind.name: _schema(kind, root) for kind in kinds},
        },
    }
