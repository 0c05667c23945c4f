"""NetSuite's errors."""

from typing import Any

from starlette.responses import Response

from sandbox.wire import answer

_RFC = "https://www.rfc-editor.org/rfc/rfc9110.html#section-15."
_TITLES = {
    400: ("Bad Request", "5.1", "INVALID_REQUEST"),
    401: ("Unauthorized", "5.2", "INVALID_LOGIN"),
    403: ("Forbidden", "5.4", "INSUFFICIENT_PERMISSION"),
    404: ("Not Found", "5.5", "NONEXISTENT_ID"),
    405: ("Method Not Allowed", "5.6", "METHOD_NOT_ALLOWED"),
    413: ("Request Entity Too Large", "5.14", "REQUEST_TOO_LARGE"),
    429: ("Too Many Requests", "5", "CONCURRENCY_LIMIT_EXCEEDED"),
    500: ("Internal Server Error", "6.1", "UNEXPECTED_ERROR"),
    503: ("Service Unavailable", "6.4", "UNEXPECTED_ERROR"),
}


def error(
    status: int,
    sentence: str,
    code: str | None = None,
    *,
    path: str | None = None,
    parameter: str | None = None,
) -> Response:
    """Return NetSuite's error: `path` names a field, `parameter` a query parameter."""
    title, section, usual = _TITLES.get(status, ("Error", "5", "UNEXPECTED_ERROR"))
    detail: dict[str, Any] = {"detail": sentence}
    if parameter:
        detail["o:errorQueryParam"] = parameter
    if path:
        detail["o:errorPath"] = path
    detail["o:errorCode"] = code or usual
    body = {
        "type": _RFC + section,
        "title": title,
        "status": status,
        "o:errorDetails": [detail],
    }
    response = answer(body, status)
    response.headers["Content-Type"] = (
        "application/vnd.oracle.resource+json; type=error; charset=UTF-8"
    )
    return response


def refuse(status: int, sentence: str) -> Response:
    """Return the error that goes with an HTTP status."""
    if status == 401:
        sentence = (
            "Invalid login attempt. For more details, see the Login Audit Trail in the "
            "NetSuite UI at Setup > Users/Roles > User Management > View Login Audit "
            "Trail."
        )
    return error(status, sentence)
