"""Wire: what all vendors' doors share: bodies in, JSON out, errors never bare."""

import base64
import binascii
import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
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

Refuse = Callable[[int, str], Response]


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
        *,
        fails_inside: bool = False,
    ) -> None:
        """Serve the routes; `refuse(status, sentence)` makes the vendor's error.

        With `fails_inside` the routes themselves answer for a planned status fault,
        because this vendor remembers its own failures.
        """
        self.router = Router(routes, redirect_slashes=False)
        self.refuse = refuse
        self.fails_inside = fails_inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        planned = scope.get("sandbox.status")
        if planned is not None and not self.fails_inside:
            await planned(self.refuse)(scope, receive, send)
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


def dump(value: Any) -> bytes:
    """Return JSON; a Decimal becomes a number with exactly its digits."""
    return bytes(orjson.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
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
        return json.loads(body, parse_float=Decimal)
    except (UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


async def body_of(request: Request, refuse: Refuse) -> bytes:
    """Return the request's body, within the size a vendor takes."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
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
    except (binascii.Error, UnicodeDecodeError):
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
