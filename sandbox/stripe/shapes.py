"""Stripe's shapes: forms in, errors out, and the views of an object."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from starlette.responses import Response

from sandbox.store import Document
from sandbox.wire import Refusal, answer

API_VERSION = "2026-10-28.endive"
# Stripe embeds the first ten lines of an invoice; the rest have their own list.
EMBEDDED_LINES = 10
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")

Params = dict[str, Any]


def error(
    status: int,
    sentence: str,
    *,
    kind: str = "invalid_request_error",
    code: str | None = None,
    param: str | None = None,
) -> Response:
    """Return Stripe's error envelope."""
    body = {"message": sentence, "type": kind}
    if code:
        body["code"] = code
        body["doc_url"] = "https://docs.stripe.com/error-codes/" + code.replace(
            "_", "-"
        )
    if param:
        body["param"] = param
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


def missing(name: str, record_id: str, param: str = "id") -> Refusal:
    """Return the refusal of an id that names nothing."""
    return Refusal(
        error(
            404 if param == "id" else 400,
            f"No such {name}: '{record_id}'",
            code="resource_missing",
            param=param,
        )
    )


def invalid(sentence: str, param: str, code: str | None = None) -> Refusal:
    """Return the refusal of a parameter's value."""
    return Refusal(error(400, sentence, code=code, param=param))


def decode(pairs: Iterable[tuple[str, str]]) -> Params:
    """Return the nested parameters: `metadata[a]=b` and `expand[]=c` unfolded."""
    params: Params = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        keys = [head, *_SEGMENT.findall(name[len(head) :])]
        if not head or (bracket and name != _spelled(keys)):
            raise invalid(f"Invalid parameter name: {name}", name)
        _put(params, keys, value, name)
    # A metadata key may be a number; it is a key for all that.
    return {
        name: value if name == "metadata" else _lists(value)
        for name, value in params.items()
    }


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


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(each) for key, each in value.items()}
    if inner and all(key.isdecimal() for key in inner):
        return list(inner.values())
    return inner


def check_known(params: Params, known: Iterable[str]) -> None:
    """Refuse the first parameter that this endpoint does not have."""
    allowed = set(known)
    for name in params:
        if name not in allowed:
            raise Refusal(
                error(
                    400,
                    f"Received unknown parameter: {name}",
                    code="parameter_unknown",
                    param=name,
                )
            )


def required(params: Params, name: str) -> str:
    """Return a parameter that must be there."""
    value = params.get(name)
    if not isinstance(value, str) or not value:
        sentence = f"Missing required param: {name}."
        raise invalid(sentence, name, "parameter_missing")
    return value


def whole(params: Params, name: str) -> int | None:
    """Return a parameter that must be a whole number if it is there."""
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,18}", value):
        sentence = f"Invalid integer: {value}"
        raise invalid(sentence, name, "parameter_invalid_integer")
    return int(value)


# What a caller may have expanded, and which object the id then names; none where the
# document holds the whole already, or where the invented company has nothing.
EXPANDABLE: Mapping[str, Mapping[str, str | None]] = {
    "subscription": {
        "discounts": None,
        "default_payment_method": None,
        "customer": "customer",
        "latest_invoice": "invoice",
    },
    "invoice": {
        "discounts": None,
        "default_payment_method": None,
        "customer": "customer",
    },
    "customer": {"default_source": None, "invoice_settings": None},
    "payment_intent": {"customer": "customer", "latest_charge": "charge"},
    "charge": {"customer": "customer", "payment_intent": "payment_intent"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "invoiceitem": {"customer": "customer", "invoice": "invoice", "discounts": None},
    "line_item": {"discounts": None},
    "invoice_payment": {"invoice": "invoice"},
    "price": {"product": "product"},
}


def expansions(params: Params, name: str, *, listed: bool) -> tuple[str, ...]:
    """Return the fields of `name` that the caller wants whole."""
    wanted = params.get("expand", [])
    if not isinstance(wanted, list):
        raise invalid("Invalid array", "expand")
    fields = []
    for path in wanted:
        field = str(path)
        if listed:
            field = field.removeprefix("data.")
        if field not in EXPANDABLE.get(name, {}) or (listed and field == path):
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        fields.append(field)
    return tuple(sorted(fields))


def view(name: str, document: Document, expand: Iterable[str]) -> Document:
    """Return a document as Stripe shows it: ids where nothing was expanded."""
    shown = dict(document)
    if name in ("subscription", "invoice", "line_item") and "discounts" not in expand:
        shown["discounts"] = [
            each["id"] if isinstance(each, dict) else each
            for each in document.get("discounts") or []
        ]
    if name == "invoice":
        lines = document["lines"]["data"]
        shown["lines"] = {
            "object": "list",
            "data": [view("line_item", line, ()) for line in lines[:EMBEDDED_LINES]],
            "has_more": len(lines) > EMBEDDED_LINES,
            "url": f"/v1/invoices/{document['id']}/lines",
        }
    # What the invented company knows besides (whose usage it was) Stripe doesn't say.
    return {field: value for field, value in shown.items() if field[0] != "_"}
