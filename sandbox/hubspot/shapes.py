"""HubSpot's shapes: errors, instants, numbers of a query, bodies."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from sandbox.instants import to_milliseconds
from sandbox.wire import JSON_TYPE, answer, body_of, media_type, parse
from sandbox.wire import whole as whole_number

Document = dict[str, Any]
Names = Mapping[str, Sequence[str]]

# Statuses outside the catalogue of HTTP that HubSpot's error page lists.
LOCKED = 423
MIGRATING = 477
# The category of each status where an answer has no better one; those of 405, 413 and
# 415 are believed, unverified.
CATEGORIES = {
    400: "VALIDATION_ERROR",
    401: "INVALID_AUTHENTICATION",
    403: "MISSING_SCOPES",
    404: "OBJECT_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "VALIDATION_ERROR",
    415: "UNSUPPORTED_MEDIA_TYPE",
    LOCKED: "LOCKED",
    429: "RATE_LIMITS",
    MIGRATING: "MIGRATION_IN_PROGRESS",
}


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 -- it carries an answer, not a defect
    """HubSpot says no: becomes a whole answer, or one error of a batch."""

    status: int
    message: str
    category: str = ""
    errors: Sequence[Document] = ()
    context: Names = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> Document:
        """Return what an error says, wherever it stands."""
        category = self.category or CATEGORIES.get(self.status, "INTERNAL_ERROR")
        said: Document = {"status": "error", "category": category}
        said["message"] = self.message
        for name in ("errors", "context", "links"):
            if getattr(self, name):
                said[name] = getattr(self, name)
        return said | dict(self.more)

    def row(self) -> Document:
        """Return the error as a batch lists it, where no part may be missing."""
        return {"errors": [], "context": {}, "links": {}} | self.body()

    def response(self, correlation: str) -> Response:
        """Return the whole answer."""
        body = self.body() | {"correlationId": correlation}
        return answer(body, self.status, dict(self.headers))


def correlation_id(number: int) -> str:
    """Return the id of an answer, in the form of a UUID."""
    text = hashlib.sha256(f"hubspot:{number}".encode()).hexdigest()
    return str(UUID(f"{text[:12]}4{text[13:16]}a{text[17:32]}"))


def whole(text: object, name: str, least: int, most: int) -> int:
    """Return a number of a query or body within its bounds; else a 400."""
    digits = str(text) if isinstance(text, str | int) else ""
    if isinstance(text, bool) or not (digits.isascii() and digits.isdecimal()):
        raise Problem(400, f"{name} must be a whole number")
    number = whole_number(digits, 15)
    if number is None or not least <= number <= most:
        raise Problem(400, f"{name} must be between {least} and {most}")
    return number


def flag(request: Request, name: str) -> bool:
    """Return a yes or no of the query, no if it is not there."""
    text = request.query_params.get(name, "false").lower()
    if text not in ("true", "false"):
        raise Problem(400, f"{name} must be true or false")
    return text == "true"


def names(request: Request, name: str) -> list[str]:
    """Return a list of the query, given with commas or by repetition."""
    given = request.query_params.getlist(name)
    parts = [part.strip() for each in given for part in each.split(",")]
    return list(dict.fromkeys(part for part in parts if part))


def texts(value: object, name: str) -> list[str]:
    """Return a list of texts from a body; a 400 if it is something else."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Problem(400, f"Invalid input JSON: {name} must be a list of strings")
    return list(dict.fromkeys(value))


async def json_body(request: Request) -> Any:
    """Return the JSON of a request; a 415 or 400 if there is none."""
    if media_type(request) != JSON_TYPE:
        raise Problem(415, "Unsupported Media Type: send application/json")
    body = await body_of(request, _too_large)
    try:
        return parse(body)
    except ValueError as broken:
        raise Problem(400, "Invalid input JSON: it could not be parsed") from broken


def _too_large(status: int, sentence: str) -> Response:
    raise Problem(status, sentence)


async def object_body(request: Request) -> Document:
    """Return the JSON object of a request; a 400 if it is something else."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise Problem(400, "Invalid input JSON: expected an object")
    return body


async def inputs_of(request: Request, most: int) -> tuple[Document, list[Document]]:
    """Return a batch's body and its inputs, at most so many."""
    body = await object_body(request)
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(i, dict) for i in inputs):
        raise Problem(400, "Invalid input JSON: inputs must be a list of objects")
    if not inputs:
        raise Problem(400, "The batch must have at least one input")
    if len(inputs) > most:
        raise Problem(
            400,
            f"The maximum number of inputs supported in a batch request is {most},"
            f" received {len(inputs)}",
        )
    return body, inputs


def batch(
    results: Any, at: datetime, errors: Sequence[Document] = (), *, status: int = 200
) -> Response:
    """Return a batch's answer: 207 as soon as one input failed."""
    now = to_milliseconds(at)
    body: Document = {
        "status": "COMPLETE",
        "results": results,
        "requestedAt": now,
        "startedAt": now,
        "completedAt": now,
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
    return answer(body, 207 if errors else status)
