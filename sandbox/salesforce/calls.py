"""Calls: a request to Salesforce's REST API and its answer, however it arrived.

A composite request carries up to 25 others, so a handler sees neither sockets nor the
server: it takes a Call and gives a Reply.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.errors import Refused, missing
from sandbox.wire import JSON_TYPE, parse

# Salesforce serves a version for years: all since Summer '14, now that 21.0 to 30.0 are
# retired (help.salesforce.com, "Salesforce Platform API Versions 21.0 through 30.0").
VERSIONS = tuple(f"{number}.0" for number in range(31, 69))


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        method: in capitals.
        path: what follows the version, cut at the slashes and unquoted.
        params: of the query string.
        headers: with names in lower case.
        body: the bytes, or in a composite the value that they would be.
        version: such as `v68.0`.
        request_id: under which its writes are journaled.
    """

    method: str
    path: tuple[str, ...]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    version: str
    request_id: str

    def json(self, kind: type = dict) -> Any:
        """Return the body, which is JSON and of this kind.

        Raises:
            Refused: it is neither, or isn't called JSON.
        """
        value = self.body
        if isinstance(value, bytes):
            given = (
                self.headers.get("content-type", JSON_TYPE).partition(";")[0].strip()
            )
            if given.lower() != JSON_TYPE:
                sentence = f"Content type '{given}' not supported"
                raise Refused("UNSUPPORTED_MEDIA_TYPE", sentence, (), 415)
            value = read_json(value)
        if not isinstance(value, kind):
            name = "object" if kind is dict else "array"
            sentence = f"Cannot deserialize the request's body: it is no JSON {name}"
            raise Refused("JSON_PARSER_ERROR", sentence)
        return value

    def url(self, *path: str) -> str:
        """Return an address as Salesforce writes it: relative to the instance."""
        return "/".join(("/services/data", self.version, *path))


@dataclass(slots=True)
class Reply:
    """One answer; a body of None is empty, bytes go out as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON_TYPE


Handler = Callable[..., Reply]


def release(version: str) -> str:
    """Return the season that brought a version: three a year, 32.0 in Winter '15."""
    years, season = divmod(int(version.partition(".")[0]) - 32, 3)
    return f"{('Winter', 'Spring', 'Summer')[season]} '{15 + years}"


def read_json(text: bytes) -> Any:
    """Return a JSON value with exact numbers; Refused says where it is broken."""
    try:
        return parse(text)
    except ValueError as error:
        sentence = f"Unexpected character or end of input: {error}"
        raise Refused("JSON_PARSER_ERROR", sentence) from error


class Routes:
    """Which handler answers which method and path."""

    def __init__(self, table: Sequence[tuple[str, str, Handler]]) -> None:
        """Take (method, path with {placeholders}, handler); the first match counts."""
        self._table = [
            (method, tuple(path.split("/")) if path else (), handler)
            for method, path, handler in table
        ]

    def answer(self, call: Call) -> Reply:
        """Carry a call out, or refuse it as Salesforce does."""
        allowed = []
        for method, pattern, handler in self._table:
            found = _match(pattern, call.path)
            if found is None:
                continue
            if method == call.method or (method, call.method) == ("GET", "HEAD"):
                return handler(call, **found)
            allowed.append(method)
        if not allowed:
            raise missing()
        sentence = f"HTTP Method '{call.method}' not allowed. Allowed are {{}}"
        named = ",".join(dict.fromkeys(allowed))
        raise Refused("METHOD_NOT_ALLOWED", sentence.format(named), (), 405)


def _match(pattern: tuple[str, ...], path: tuple[str, ...]) -> dict[str, str] | None:
    if len(pattern) != len(path):
        return None
    found = {}
    for wanted, given in zip(pattern, path, strict=True):
        if wanted.startswith("{"):
            found[wanted[1:-1]] = given
        elif wanted.lower() != given.lower():
            return None
    return found
