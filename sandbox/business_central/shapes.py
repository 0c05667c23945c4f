"""Business Central's shapes: errors, bodies, and a call as a batch may hold it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from sandbox.business_central.marks import guid
from sandbox.store import Document
from sandbox.wire import Refusal, answer, dump, parse_storable

# learn.microsoft.com, dynamics-error-codes: families by what the caller does next.
_CODES = {
    400: "BadRequest",
    401: "Authentication_InvalidCredentials",
    403: "Authorization_PermissionDenied",
    404: "BadRequest_NotFound",
    405: "BadRequest_MethodNotAllowed",
    406: "BadRequest_NotAcceptable",
    408: "Application_OperationTimeout",
    409: "Request_EntityChanged",
    412: "BadRequest_InvalidToken",
    413: "RequestEntityTooLarge",
    415: "BadRequest_UnsupportedMediaType",
    # Seen by those who write integrations, as is its message below.
    429: "Application_TooManyRequests",
    500: "Internal_ServerError",
    # Believed, not verified: the names and messages of the other refusals by load.
    503: "Internal_ServiceUnavailable",
    504: "Internal_GatewayTimeout",
}
# learn.microsoft.com, operational limits: requests that are there at the same time.
MAX_CONNECTIONS = 100
# What Business Central itself says with a status, whatever our reason is.
_MESSAGES = {
    401: "The server has rejected the client credentials.",
    404: "Bad Request - Error in query syntax.",
    408: "The request timed out: the operation took longer than 8 minutes.",
    429: (
        f"Too many requests reached. Actual ({MAX_CONNECTIONS + 1}). Maximum"
        f" ({MAX_CONNECTIONS})."
    ),
    500: "Cannot establish a connection to the SQL Server/Database.",
    503: "The service is temporarily unavailable. Try again later.",
    504: "The request took longer than 10 minutes and was ended.",
}
_JSON = "application/json; odata.metadata=minimal"
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Call:
    """A request: alone, or one of a batch.

    Attributes:
        method: the HTTP method.
        path: below `/api/v2.0/`.
        query: its options.
        headers: by lower-case name.
        body: what was sent; None for nothing.
        root: the address up to and with `/api/v2.0`.
        counts: it ended with `/$count`, and asks for a number of records only.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Document | None
    root: str
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to a call; `content` is bytes of its kind, or nothing."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = _JSON

    @property
    def response(self) -> Response:
        """Return it as an answer over HTTP."""
        headers = {"OData-Version": "4.0", **self.headers}
        kind = self.kind if self.content else None
        return Response(self.content, self.status, headers, kind)


def error(status: int, code: str, message: str) -> Response:
    """Return Business Central's error."""
    correlation = guid("correlation", status, code, message)
    said = f"{message}  CorrelationId:  {correlation}."
    return answer({"error": {"code": code, "message": said}}, status)


def refused(status: int, code: str, message: str) -> Refusal:
    """Return a refusal to raise."""
    return Refusal(error(status, code, message))


def bad(message: str, code: str = "BadRequest") -> Refusal:
    """Return the refusal of a request that is wrong in itself."""
    return refused(400, code, message)


def dialog(message: str) -> Refusal:
    """Return the refusal of what the books do not allow."""
    return refused(400, "Application_DialogException", message)


def refuse(status: int, message: str) -> Response:
    """Return the error that goes with an HTTP status."""
    message = _MESSAGES.get(status, message)
    return error(status, _CODES.get(status, "Internal_ServerError"), message)


def too_many(actual: int, maximum: int) -> Response:
    """Return the error of more requests than may be there."""
    message = f"Too many requests reached. Actual ({actual}). Maximum ({maximum})."
    return error(429, _CODES[429], message)


def document(body: bytes) -> Document:
    """Return the JSON object of a body."""
    try:
        value = parse_storable(body)
    except ValueError as broken:
        raise bad(f"Bad Request - Error in request body: {broken}") from broken
    if not isinstance(value, dict):
        raise bad("Bad Request - the request body is no JSON object")
    return value


def answered(value: Any, status: int = 200, **headers: str) -> Answer:
    """Return a JSON answer."""
    return Answer(status, dump(value), headers)
