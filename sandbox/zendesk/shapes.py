"""Zendesk's shapes: cursors, numbers in a query, JSON bodies, errors."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.paging import place_of
from sandbox.store import Document
from sandbox.wire import Refusal, answer, body_of, parse_storable
from sandbox.wire import whole as whole_number

API = "/api/v2"

_MOST_ID_DIGITS = 18  # of what a database column takes
# As the clients' own tests quote it.
NO_ACCESS = (
    "You do not have access to this page. Please contact the account owner of this"
    " help desk for further help."
)
# Believed, not seen: the sentence of Zendesk's own failures; their shape is documented.
_BROKEN = "The service is temporarily unavailable. Please try again later."
_CODES = {
    400: "BadRequest",
    403: "Forbidden",
    404: "InvalidEndpoint",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "DatabaseConflict",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    422: "RecordInvalid",
    429: "APIRateLimitExceeded",
    503: "ServiceUnavailable",
}

Problems = dict[str, list[dict[str, str]]]


def decoded(cursor: str) -> tuple[str, int]:
    """Return the (stamp, id) that a cursor stands behind."""
    try:
        return place_of(cursor)
    except ValueError as broken:
        raise Refusal(error(400, "InvalidCursor", "Invalid cursor")) from broken


def is_whole(text: str) -> bool:
    """Say whether a text is a number that a database takes."""
    return whole_number(text, _MOST_ID_DIGITS) is not None


def whole(request: Request, name: str, default: int | None, highest: int | None) -> int:
    """Return a number of the query, within 1 and `highest` if that is given."""
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    number = None if text is None else whole_number(text, 12)
    if number is None:
        raise Refusal(error(400, "InvalidValue", f"{name} must be a whole number"))
    if highest is not None and not 1 <= number <= highest:
        sentence = f"{name} must be from 1 to {highest}"
        raise Refusal(error(400, "InvalidValue", sentence))
    return number


def ids_of(request: Request, name: str, highest: int) -> list[str]:
    """Return the ids of a query's list."""
    ids = [each.strip() for each in request.query_params.get(name, "").split(",")]
    ids = [each for each in ids if each]
    if not ids or (name == "ids" and not all(is_whole(each) for each in ids)):
        sentence = f"{name} must be a list of " + (
            "integers" if name == "ids" else "external ids"
        )
        raise Refusal(error(400, "BadRequest", sentence))
    if len(ids) > highest:
        sentence = f"A maximum of {highest} {name} is allowed"
        raise Refusal(error(400, "TooManyValues", sentence))
    return [str(int(each)) if name == "ids" else each for each in ids]


def path_id(request: Request, name: str = "id") -> str:
    """Return the id in the path.

    Zendesk names an id that is no number in an error of another shape.
    """
    text = str(request.path_params[name])
    if not is_whole(text):
        said = (
            f"You passed an invalid value for the {name} attribute."
            f" Invalid parameter: {name} must be an integer"
        )
        shape = {"error": {"title": "Invalid attribute", "message": said}}
        raise Refusal(answer(shape, 400))
    return str(int(text))


async def body_json(request: Request) -> Document:
    """Return the JSON object of the body; an empty body is an empty object."""
    body = await body_of(request, refuse)
    if not body.strip():
        return {}
    kind = request.headers.get("content-type", "application/json")
    if "json" not in kind.lower():
        sentence = "The Content-Type must be application/json"
        raise Refusal(error(415, "UnsupportedMediaType", sentence))
    try:
        value = parse_storable(body)
    except ValueError as broken:
        sentence = f"Invalid JSON: {broken}"
        raise Refusal(error(400, "InvalidJSON", sentence)) from broken
    if not isinstance(value, dict):
        raise Refusal(error(400, "InvalidJSON", "The body must be a JSON object"))
    return value


def problem(field: str, sentence: str, code: str) -> Problems:
    """Return one entry of an error's details."""
    label = field.replace("_", " ").capitalize()
    return {field: [{"description": f"{label}: {sentence}", "error": code}]}


def invalid(details: Problems) -> Response:
    """Return the error of a record that breaks a rule."""
    shape = {
        "error": "RecordInvalid",
        "description": "Record validation errors",
        "details": details,
    }
    return answer(shape, 422)


def not_found() -> Refusal:
    """Return the refusal of a record that isn't there."""
    return Refusal(error(404, "RecordNotFound", "Not found"))


def error(status: int, code: str, sentence: str) -> Response:
    """Return Zendesk's error."""
    return answer({"error": code, "description": sentence}, status)


def planned(status: int, _request: Request) -> Response:
    """Return the error that goes with a status which nothing in the request caused."""
    if status == 403:
        return answer({"error": {"title": "Forbidden", "message": NO_ACCESS}}, 403)
    sentence = {409: "Database collision", 422: "Record validation errors"}.get(
        status, _BROKEN if status >= 500 else "Invalid request"
    )
    return refuse(status, sentence)


def refuse(status: int, sentence: str) -> Response:
    """Return the error that goes with an HTTP status."""
    if status == 401:
        return answer({"error": "Couldn't authenticate you"}, 401)
    if status == 404:
        sentence = "Not found"
    return error(status, _CODES.get(status, "InternalServerError"), sentence)
