"""Wire: what all vendors' doors share: bodies in, JSON out, errors never bare."""

import base64
import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Router
from starlette.types import Receive, Scope, Send

log = logging.getLogger("sandbox")

# Every vendor caps a request's size; the smallest cap of ours is Salesforce's 50 MB.
MAX_BODY_BYTES = 50 * 1024 * 1024
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
# A number with more digits, or a larger exponent, is nobody's amount, and one with more
# digits than a database's column takes is nobody's count.
_MOST_DIGITS = 30
_MOST_WHOLE_DIGITS = 19

Refuse = Callable[[int, str], Response]
# A vendor's whole answer where it fails with this status, whatever was asked.
Planned = Callable[[int, Request], Response]


class Refusal(Exception):  # noqa: N818 -- it carries an answer, not a defect
    """The vendor says no, in its own words: carries the whole answer."""

    def __init__(self, response: Response) -> None:
        """Carry the answer."""
        super().__init__(response.status_code)
        self.response = response


class Api:
    """One vendor's routes; whatever goes wrong is said in that vendor's shape."""

    def __init__(
        self,
        routes: Sequence[BaseRoute],
        refuse: Refuse,
        planned: Planned | None = None,
        *,
        fails_inside: bool = False,
    ) -> None:
        """Serve the routes; `refuse(status, sentence)` makes the vendor's error.

        `planned(status, request)` makes its answer to a planned status fault, with the
        body and the headers that go with the status; without it, `refuse` does. With
        `fails_inside` the routes themselves answer for such a fault, because this
        vendor remembers its own failures.
        """
        self.router = Router(routes, redirect_slashes=False)
        self.refuse = refuse
        self.planned = planned or self._plainly
        self.fails_inside = fails_inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        planned = scope.get("sandbox.status")
        if planned is not None and not self.fails_inside:
            await planned(self.planned, Request(scope))(scope, receive, send)
            return
        try:
            await self.router(scope, receive, send)
        except Refusal as refusal:
            response = refusal.response
        except HTTPException as error:
            response = self.refuse(error.status_code, error.detail)
        except ClientDisconnect:
            return
        except Exception:
            log.exception("the sandbox failed on %s %s", scope["method"], scope["path"])
            response = self.refuse(500, "An unexpected error occurred.")
        else:
            return
        await response(scope, receive, send)

    def _plainly(self, status: int, _request: Request) -> Response:
        return self.refuse(status, "The sandbox was told to fail here.")


def dump(value: Any) -> bytes:
    """Return JSON; a Decimal becomes a number with exactly its digits."""
    return bytes(orjson.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = str(value)
        # Formatting takes twenty times as long, and amounts have no exponent.
        return orjson.Fragment(format(value, "f") if "E" in text else text)
    raise TypeError(f"{type(value).__name__} has no JSON shape")


def listing(rows: Iterable[bytes]) -> orjson.Fragment:
    """Return a JSON array of documents that are bytes already."""
    return orjson.Fragment(b"[" + b",".join(rows) + b"]")


def answer(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON answer."""
    return Response(dump(value), status, headers, JSON_TYPE)


def parse(body: bytes) -> Any:
    """Return the JSON value; numbers with a point stay exact. ValueError if broken."""
    try:
        # orjson is the stricter one: no NaN, no halves of characters, no number beyond
        # a double, whose digits would fill the memory.
        orjson.loads(body)
        return json.loads(body, parse_float=Decimal)
    except (UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def parse_storable(body: bytes) -> Any:
    """Return the JSON value, if it can be kept as it is. ValueError if it cannot.

    It is then neither nested too deeply nor full of numbers that no column takes.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            parse_float=_exact,
            parse_int=_countable,
            parse_constant=_no_number,
        )
        dump(value)  # what cannot be written down again cannot be kept either
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return value


def _exact(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > _MOST_DIGITS or len(text) > _MOST_DIGITS:
        raise ValueError(f"the number {text[:20]} is out of range")
    return number


def _countable(text: str) -> int:
    if len(text) > _MOST_WHOLE_DIGITS:
        raise ValueError(f"the number {text[:20]} is out of range")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def whole(text: str, most_digits: int = 9) -> int | None:
    """Return a whole number that is written with plain digits; None if it is none."""
    if not (text.isascii() and text.isdecimal() and len(text) <= most_digits):
        return None
    return int(text)


def media_type(request: Request, default: str = "") -> str:
    """Return what the request calls its body, without parameters, in lower case."""
    named = request.headers.get("content-type", default)
    return named.partition(";")[0].strip().lower()


async def body_of(
    request: Request, refuse: Refuse, most: int = MAX_BODY_BYTES
) -> bytes:
    """Return the request's body, within the size a vendor takes."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise Refusal(refuse(413, "The request is too large."))
        chunks.append(chunk)
    return b"".join(chunks)


def form(body: bytes) -> list[tuple[str, str]]:
    """Return the pairs of a form. ValueError if it isn't text."""
    text = body.decode("utf-8")
    return parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict")


def basic(request: Request) -> tuple[str, str] | None:
    """Return user and password of HTTP Basic, if the request has them."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(coded, validate=True).decode("utf-8")
    except ValueError:  # neither base64 nor text
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon else None


def root_url(request: Request) -> str:
    """Return the address of this vendor's host: the sandbox's, with its prefix."""
    root = request.scope.get("root_path", "")
    return str(request.url.replace(path=root, query=""))


def bearer(request: Request) -> str | None:
    """Return the bearer token, if the request has one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def made(prefix: str, *parts: object, length: int = 24) -> str:
    """Return an id that looks random and is the same on every run."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    digest = hashlib.sha512(":".join(map(str, (prefix, *parts))).encode()).digest()
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(alphabet))
        letters.append(alphabet[place])
    return prefix + "".join(letters)
