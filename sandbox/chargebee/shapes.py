"""Chargebee's errors: one shape, whose `type` decides the client's exception.

A client raises its plainest exception where the type is missing, as it is when nobody
is signed in.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.wire import Refusal, answer

INVALID = "invalid_request"
OPERATION = "operation_failed"
PAYMENT = "payment"
INGESTION = "ubb_batch_ingestion_invalid_request"

NOT_FOUND = "Sorry, we couldn't find that resource"
NOBODY = "Sorry, authentication failed. Invalid api key"
# Believed: no page shows the sentence that goes with api_authorization_failed.
NOT_ALLOWED = "Sorry, the api key does not have the permission for this operation."
BROKEN = (
    "Sorry, something went wrong when trying to process the request. If this problem"
    " persists, contact us at support@chargebee.com."
)
BUSY = (
    "Sorry, access has been blocked temporarily due to request count exceeding"
    " acceptable limits."
)

_GATEWAY = {
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
# Which type goes with 409 and 5xx is believed, not seen: the README of the clients
# names 429 and Chargebee's own failures as operation_failed.
_BY_STATUS = {
    400: (INVALID, "invalid_request"),
    401: (None, "api_authentication_failed"),
    403: (None, "api_authorization_failed"),
    404: (INVALID, "resource_not_found"),
    405: (INVALID, "http_method_not_supported"),
    409: (OPERATION, "lock_timeout"),
    413: (INVALID, "invalid_request"),
    429: (OPERATION, "api_request_limit_exceeded"),
    503: (OPERATION, "internal_temporary_error"),
}


def problem(
    status: int, kind: str | None, code: str, sentence: str, param: str | None = None
) -> Response:
    """Return Chargebee's error; `param` names the parameter that is wrong."""
    told: dict[str, str | int | None] = {
        "message": sentence,
        "type": kind,
        "api_error_code": code,
        "param": param,
    }
    # The fields of the first version of the interface are still sent.
    told |= {"error_code": code, "error_msg": sentence, "error_param": param}
    told |= {"http_status_code": status}
    return answer({key: each for key, each in told.items() if each is not None}, status)


def refuse(status: int, sentence: str) -> Response:
    """Return the error that goes with an HTTP status."""
    if status == 404:
        sentence = NOT_FOUND
    kind, code = _BY_STATUS.get(
        status,
        (INVALID, "invalid_request") if status < 500 else (OPERATION, "internal_error"),
    )
    return problem(status, kind, code, sentence)


def planned(status: int, _request: Request) -> Response:
    """Return what Chargebee answers where it fails with this status.

    Its gateway speaks for it where it is away: the clients of all languages look for
    the status in a text that is no JSON.
    """
    if status in _GATEWAY:
        title = f"{status} {_GATEWAY[status]}"
        page = f"<html><head><title>{title}</title></head><body><center><h1>{title}"
        page += "</h1></center></body></html>"
        return HTMLResponse(page, status)
    sentence = {401: NOBODY, 403: NOT_ALLOWED, 429: BUSY}.get(
        status, BROKEN if status >= 500 else "Sorry, the request is invalid."
    )
    return refuse(status, sentence)


def wrong(param: str, sentence: str) -> Refusal:
    """Return the refusal of a parameter."""
    return Refusal(
        problem(400, INVALID, "param_wrong_value", f"{param} : {sentence}", param)
    )


def duplicate(param: str, value: str) -> Refusal:
    """Return the refusal of an id that is taken."""
    sentence = f"{param} : The value {value} is already present."
    return Refusal(problem(400, INVALID, "duplicate_entry", sentence, param))


def missing(value: str, param: str | None = None) -> Refusal:
    """Return the refusal of an id that nobody has."""
    return Refusal(
        problem(404, INVALID, "resource_not_found", f"{value} not found", param)
    )


def impossible(sentence: str) -> Refusal:
    """Return the refusal of what the resource's state does not allow."""
    return Refusal(problem(400, INVALID, "invalid_state_for_request", sentence))


def locked(record_id: str) -> Refusal:
    """Return the refusal of a write to a record that another request holds."""
    sentence = f"The request on {record_id} timed out waiting for a lock. Try again."
    return Refusal(problem(409, OPERATION, "lock_timeout", sentence))


def declined(sentence: str, code: str = "payment_processing_failed") -> Response:
    """Return the error of a payment that failed."""
    return problem(402, PAYMENT, code, sentence)
