"""Zendesk's shapes: cursors, numbers in a query, errors."""

import base64
import binascii

from starlette.requests import Request
from starlette.responses import Response

from sandbox.wire import Refusal, answer

API = "/api/v2"


def encoded(place: tuple[str, int]) -> str:
    """Return a cursor that stands behind (stamp, id)."""
    text = f"{place[0]}|{place[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(cursor: str) -> tuple[str, int]:
    """Return the (stamp, id) that a cursor stands behind."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        stamp, _, number = base64.urlsafe_b64decode(padded).decode().rpartition("|")
        return stamp, int(number)
    except (binascii.Error, ValueError) as broken:
        raise Refusal(error(400, "InvalidCursor", "Invalid cursor")) from broken


def whole(request: Request, name: str, default: int | None, highest: int | None) -> int:
    """Return a number of the query, within 1 and `highest` if that is given."""
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    if text is None or not text.isdecimal() or len(text) > 12:
        raise Refusal(error(400, "InvalidValue", f"{name} must be a whole number"))
    number = int(text)
    if highest is not None and not 1 <= number <= highest:
        sentence = f"{name} must be from 1 to {highest}"
        raise Refusal(error(400, "InvalidValue", sentence))
    return number


def error(status: int, code: str, sentence: str) -> Response:
    """Return Zendesk's error."""
    return answer({"error": code, "description": sentence}, status)


def refuse(status: int, sentence: str) -> Response:
    """Return the error that goes with an HTTP status."""
    codes = {
        400: "BadRequest",
        403: "Forbidden",
        404: "InvalidEndpoint",
        405: "MethodNotAllowed",
        409: "RecordConflict",
        413: "PayloadTooLarge",
        422: "RecordInvalid",
        429: "APIRateLimitExceeded",
        503: "ServiceUnavailable",
    }
    if status == 401:
        return answer({"error": "Couldn't authenticate you"}, 401)
    if status == 404:
        sentence = "Not found"
    return error(status, codes.get(status, "InternalServerError"), sentence)
