"""Stripe's shapes: forms in, errors out."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.wire import Refusal, answer, basic, bearer

API_VERSION = "2026-10-28.endive"
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")
# The deepest parameter in Stripe's description has six levels.
MAX_DEPTH = 10
# Below these names every key is the caller's own, a number too.
_OWN_KEYS = ("metadata", "payload")
# What Stripe's own failures, its locks and a foreign account's keys are told with, as
# its users quote them; a card's refusal is the generic one.
_BROKEN = (
    "Sorry! There was an error while talking to one of our backends. We have already "
    "been notified of the problem, but please contact support@stripe.com with any "
    "questions you may have."
)
BUSY = (
    "Request rate limit exceeded. Learn more about rate limits here: "
    "https://docs.stripe.com/rate-limits"
)
LOCKED = (
    "This object cannot be accessed right now because another API request or Stripe "
    "process is currently accessing it. If you see this error intermittently, retry "
    "the request."
)
_NO_ACCESS = (
    "The provided key '{}' does not have access to account 'acct_sandbox' (or that "
    "account does not exist). Application access may have been revoked."
)

Params = dict[str, Any]


class Unread(Refusal):
    """The parameters aren't what the endpoint takes: it never began."""


class Declined(Exception):  # noqa: N818 -- a card's answer, not a defect
    """The card said no: what was written stands, and the caller is told."""

    def __init__(self, response: Response) -> None:
        """Carry the answer."""
        super().__init__(response.status_code)
        self.response = response

    def entirely(self) -> Refusal:
        """Return the same answer, but nothing that was written stands."""
        return Refusal(self.response)


def error(
    status: int,
    sentence: str,
    *,
    kind: str = "invalid_request_error",
    code: str | None = None,
    param: str | None = None,
    **more: Any,
) -> Response:
    """Return Stripe's error envelope; `more` are further fields of it."""
    body: dict[str, Any] = {"message": sentence, "type": kind}
    if code:
        body["code"] = code
        body["doc_url"] = "https://docs.stripe.com/error-codes/" + code.replace(
            "_", "-"
        )
    if param:
        body["param"] = param
    body |= {name: value for name, value in more.items() if value is not None}
    return answer({"error": body}, status)


def refuse(status: int, sentence: str) -> Response:
    """Return the error that goes with an HTTP status."""
    if status in (404, 405):
        return error(404, "Unrecognized request URL. Please see the API reference.")
    if status == 429:
        return error(429, sentence, code="rate_limit")
    if status == 409:
        return error(409, sentence, code="lock_timeout")
    return error(
        status,
        sentence,
        kind="api_error" if status >= 500 else "invalid_request_error",
    )


def limited(reason: str) -> Response:
    """Return the refusal of a request too many; `reason` is which limit it met."""
    response = error(429, BUSY, code="rate_limit")
    response.headers["Stripe-Rate-Limited-Reason"] = reason
    return response


def key_of(request: Request) -> str:
    """Return the key that a request came with; empty if none."""
    user = basic(request)
    return (user[0] if user else bearer(request)) or ""


def masked(key: str) -> str:
    """Return a key as Stripe's errors show it."""
    return key[:8] + "*" * 8 + key[-4:] if len(key) > 16 else "*" * 8


def planned(status: int, request: Request) -> Response:
    """Return what Stripe answers where it fails with this status, whatever was asked.

    Which body goes with 502 to 504 is believed, not seen: that of a 500.
    """
    key = masked(key_of(request))
    match status:
        case 401:
            return error(401, f"Invalid API Key provided: {key}")
        case 402:
            return error(
                402,
                "Your card was declined.",
                kind="card_error",
                code="card_declined",
                decline_code="generic_decline",
            )
        case 403:
            return error(403, _NO_ACCESS.format(key), code="account_invalid")
        case 409:
            return error(409, LOCKED, code="lock_timeout")
        case 429:
            return limited("global-rate")
    return refuse(status, _BROKEN if status >= 500 else "Invalid request.")


def missing(name: str, record_id: object, param: str = "id") -> Refusal:
    """Return the refusal of an id that names nothing."""
    return Refusal(
        error(
            404 if param == "id" else 400,
            f"No such {name.replace('_', ' ')}: '{record_id}'",
            code="resource_missing",
            param=param,
        )
    )


def invalid(
    sentence: str, param: str | None = None, code: str | None = None
) -> Refusal:
    """Return the refusal of a parameter's value, or of the state of things."""
    return Refusal(error(400, sentence, code=code, param=param))


def known_version(text: str) -> bool:
    """Say whether a `Stripe-Version` header has the form of a version."""
    return _VERSION.fullmatch(text) is not None


def decode(pairs: Iterable[tuple[str, str]]) -> Params:
    """Return the nested parameters: `metadata[a]=b` and `expand[]=c` unfolded."""
    params: Params = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        keys = [head, *_SEGMENT.findall(name[len(head) :])]
        if not head or (bracket and name != _spelled(keys)) or len(keys) > MAX_DEPTH:
            raise invalid(f"Invalid parameter name: {name[:100]}", name[:100])
        _put(params, keys, value, name)
    return {name: _lists(name, value) for name, value in params.items()}


def _spelled(keys: list[str]) -> str:
    return keys[0] + "".join(f"[{key}]" for key in keys[1:])


def _put(params: Params, keys: list[str], value: str, name: str) -> None:
    place = params
    for key, following in pairwise(keys):
        inner = place.setdefault(key or str(len(place)), {})
        if not isinstance(inner, dict) or (following == "" and keys[-1] != ""):
            raise invalid(f"Invalid parameter: {name}", name)
        place = inner
    place[keys[-1] or str(len(place))] = value


def _lists(name: str, value: Any) -> Any:
    if not isinstance(value, dict) or name in _OWN_KEYS:
        return value
    inner = {key: _lists(key, each) for key, each in value.items()}
    if inner and all(key.isdecimal() for key in inner):
        return list(inner.values())
    return inner
