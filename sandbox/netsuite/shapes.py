"""NetSuite's errors, links and limits on what it reads."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox import wire
from sandbox.wire import Refusal, answer, parse, whole

ACCOUNT = "1234567"
REST = "/services/rest"
# Oracle's REST guide: a request may have 104 MB.
MAX_BODY_BYTES = 104 * 1024 * 1024
MAX_LIMIT = 1000
COLLECTION_TYPE = "application/vnd.oracle.resource+json"
# What follows a wrong media type is not documented; 415 is what its framework gives.
UNSUPPORTED_MEDIA = 415

_RFC = "https://www.rfc-editor.org/rfc/rfc9110.html#section-15."
_TITLES = {
    400: ("Bad Request", "5.1", "INVALID_REQUEST"),
    401: ("Unauthorized", "5.2", "INVALID_LOGIN"),
    403: ("Forbidden", "5.4", "INSUFFICIENT_PERMISSION"),
    404: ("Not Found", "5.5", "NONEXISTENT_ID"),
    405: ("Method Not Allowed", "5.6", "METHOD_NOT_ALLOWED"),
    413: ("Request Entity Too Large", "5.14", "REQUEST_TOO_LARGE"),
    UNSUPPORTED_MEDIA: ("Unsupported Media Type", "5.16", "INVALID_HEADER"),
    429: ("Too Many Requests", "5", "CONCURRENCY_LIMIT_EXCEEDED"),
    500: ("Internal Server Error", "6.1", "UNEXPECTED_ERROR"),
    503: ("Service Unavailable", "6.4", "UNEXPECTED_ERROR"),
}
LOGIN_SENTENCE = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite"
    " UI at Setup > Users/Roles > User Management > View Login Audit Trail."
)
BLOCKED = (
    "Concurrent request limit exceeded. Request blocked. Verify your concurrency limits"
    " at Setup > Integration > Integration Management > Integration Governance."
)
# As users report it; that the same is said when the service is away is believed.
UNEXPECTED = "An unexpected error occurred. Error ID: mlr3xd5s1tqm1bhzd8lbe"
# What NetSuite itself says with a status, whatever our reason is.
_SENTENCES = {401: LOGIN_SENTENCE, 429: BLOCKED, 500: UNEXPECTED, 503: UNEXPECTED}


def error(
    status: int,
    sentence: str,
    code: str | None = None,
    *,
    path: str | None = None,
    parameter: str | None = None,
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return NetSuite's error: `path` names a field, `parameter` a query parameter."""
    usual, section, usual_code = _TITLES.get(status, ("Error", "5", "UNEXPECTED_ERROR"))
    detail: dict[str, Any] = {"detail": sentence}
    if parameter:
        detail["o:errorQueryParam"] = parameter
    if path:
        detail["o:errorPath"] = path
    detail["o:errorCode"] = code or usual_code
    body = {
        "type": _RFC + section,
        "title": title or usual,
        "status": status,
        "o:errorDetails": [detail],
    }
    response = answer(body, status, headers)
    response.headers["Content-Type"] = f"{COLLECTION_TYPE}; type=error; charset=UTF-8"
    return response


def refuse(status: int, sentence: str) -> Response:
    """Return the error that goes with an HTTP status."""
    headers = {"WWW-Authenticate": challenge()} if status == 401 else None
    return error(status, _SENTENCES.get(status, sentence), headers=headers)


def challenge(reason: str = "token_rejected", scheme: str = "Bearer") -> str:
    """Return the header of a 401, which names the reason."""
    return (
        f'{scheme} realm="{ACCOUNT}", error="{reason}",'
        ' error_description="Invalid login attempt."'
    )


async def body_of(request: Request) -> bytes:
    """Return the request's body, within the size that NetSuite takes."""
    return await wire.body_of(request, refuse, MAX_BODY_BYTES)


def media_type(request: Request) -> tuple[str, str]:
    """Return the body's media type and its parameter `type`."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    parameters = {
        name.strip().lower(): value.strip()
        for name, _, value in (part.partition("=") for part in rest.split(";"))
    }
    return kind.strip().lower(), parameters.get("type", "").lower()


def check_json(request: Request) -> None:
    """Refuse a body that says it is something else than JSON."""
    kind, _ = media_type(request)
    if kind not in ("", "application/json", COLLECTION_TYPE):
        sentence = f"Unsupported media type '{kind[:100]}'. Use 'application/json'."
        raise Refusal(error(UNSUPPORTED_MEDIA, sentence))


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body."""
    try:
        value = parse(body)
    except ValueError as broken:
        sentence = f"Error while accessing a resource. Invalid JSON: {broken}"
        raise Refusal(error(400, sentence[:300], "INVALID_CONTENT")) from broken
    if not isinstance(value, dict):
        sentence = "Error while accessing a resource. A JSON object is expected."
        raise Refusal(error(400, sentence, "INVALID_CONTENT"))
    return value


def window(parameters: Mapping[str, str]) -> tuple[int, int]:
    """Return limit and offset of a page."""
    limit = _whole(parameters, "limit", MAX_LIMIT)
    offset = _whole(parameters, "offset", 0)
    if not 1 <= limit <= MAX_LIMIT:
        sentence = f"Provide a limit from 1 to {MAX_LIMIT}."
        raise Refusal(error(400, sentence, "INVALID_PARAMETER", parameter="limit"))
    if offset % limit:
        sentence = "Provide an offset that is divisible by the limit."
        raise Refusal(error(400, sentence, "INVALID_PARAMETER", parameter="offset"))
    return limit, offset


def _whole(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    number = whole(text)
    if number is None:
        sentence = f"Provide a whole number for {name}."
        raise Refusal(error(400, sentence, "INVALID_PARAMETER", parameter=name))
    return number


def page_links(
    request: Request, limit: int, offset: int, total: int
) -> list[dict[str, str]]:
    """Return the links from a page to itself and its neighbours."""

    def link(rel: str, start: int) -> dict[str, str]:
        url = request.url.include_query_params(limit=limit, offset=start)
        return {"rel": rel, "href": str(url)}

    links = []
    if offset:
        links += [link("previous", max(0, offset - limit)), link("first", 0)]
    if offset + limit < total:
        links.append(link("next", offset + limit))
        links.append(link("last", (total - 1) // limit * limit))
    return [*links, link("self", offset)]
