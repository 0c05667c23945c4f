"""Thin events: what happened to which object, without the object; Stripe's second API.

Each is one of the snapshot events under its newer name: `v1.customer.updated` for
`customer.updated`. Its id is made from the snapshot's, so that nothing is kept twice.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from sandbox.collection import column
from sandbox.instants import to_milliseconds
from sandbox.store import Document, parsed
from sandbox.stripe.books import Books
from sandbox.stripe.listed import LISTS
from sandbox.stripe.lists import EVENT_SECONDS, Where, window
from sandbox.stripe.parameters import Fields, checked, group, several, text, whole
from sandbox.stripe.shapes import Params, error, invalid
from sandbox.wire import Refusal, answer, made

DEFAULT_LIMIT = 20
MAX_LIMIT = 100  # believed: the page of the list names no highest
MAX_TYPES = 20  # docs.stripe.com/api/v2/core/events/list
_HEAD, _SNAPSHOT, _TAIL = "evt_test_65", "evt_1", 21
_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
PAGED: Fields = {"limit": whole(1, MAX_LIMIT), "page": text()}


def _instant(value: Any, name: str) -> int:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as broken:
        raise invalid(f"Invalid timestamp: {str(value)[:40]}", name) from broken
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def thin(event: Mapping[str, Any]) -> Document:
    """Return the thin event of a snapshot event."""
    changed, request = event["data"]["object"], event["request"]
    # A person may have made an object by hand that does not say what it is.
    name, record_id = str(changed.get("object", "")), changed["id"]
    path = LISTS[name].path if name in LISTS else f"{name}s"
    return {
        "id": _id_of(event["id"]),
        "object": "v2.core.event",
        "changes": None,
        "context": None,
        "created": to_milliseconds(datetime.fromtimestamp(event["created"], UTC)),
        "livemode": False,
        "reason": {"type": "request", "request": request} if request["id"] else None,
        "related_object": {
            "id": record_id,
            "type": name,
            "url": f"/v1/{path}/{record_id}",
        },
        "snapshot_event": event["id"],
        "type": type_of(event["type"]),
    }


def type_of(kind: str) -> str:
    """Return the newer name of an event's type."""
    return f"v1.{kind}"


def _id_of(snapshot: str) -> str:
    own = snapshot.removeprefix(_SNAPSHOT)
    return f"{_HEAD}{own}{made('', 'thin', own, length=_TAIL)}"


def notification(event: Mapping[str, Any]) -> Document:
    """Return what a destination is sent of a thin event."""
    return {name: value for name, value in thin(event).items() if name != "changes"}


def read(books: Books, given: Params, event_id: str) -> Response:
    """Return a thin event of the last thirty days."""
    checked(given, {})
    own = event_id.removeprefix(_HEAD)[:-_TAIL]
    event = books.get("event", f"{_SNAPSHOT}{own}")
    if (
        event is None
        or _id_of(event["id"]) != event_id
        or event["created"] < books.now - EVENT_SECONDS
    ):
        raise missing("event", event_id)
    return answer(thin(event))


def listed(books: Books, given: Params) -> Response:
    """List the thin events of the last thirty days, newest first."""
    params = checked(
        given,
        {
            **PAGED,
            "created": group(dict.fromkeys(_COMPARE, _instant)),
            "object_id": text(),
            "types": several(text()),
        },
    )
    clauses: list[Where] = [(f"{column('created')} >= ?", (books.now - EVENT_SECONDS,))]
    if params.get("object_id"):
        held = column("data", "object", "id")
        clauses.insert(0, (f"{held} = ?", (params["object_id"],)))
    types = params.get("types", [])
    if len(types) > MAX_TYPES:
        raise invalid(f"types has at most {MAX_TYPES} names.", "types")
    if types:
        marks = ", ".join("?" * len(types))
        names = tuple(str(each).removeprefix("v1.") for each in types)
        clauses.append((f"+{column('type')} in ({marks})", names))
    for sign, at in (params.get("created") or {}).items():
        clauses.append((f"{column('created')} {_COMPARE[sign]} ?", (at,)))
    return paged(books, "event", "/v2/core/events", clauses, given, shown=thin)


def paged(
    books: Books,
    name: str,
    url: str,
    clauses: Sequence[Where],
    given: Params,
    *,
    shown: Callable[[Document], Document],
) -> Response:
    """Return a page as the second API has it: with the addresses of its neighbours.

    Args:
        books: the account's.
        name: of the objects.
        url: of the list.
        clauses: which of the objects.
        given: the parameters that were sent, which the addresses repeat.
        shown: returns a stored object as it goes out.
    """
    page = given.get("page")
    cursor = _cursor(page) if page else {}
    limit = int(given.get("limit") or DEFAULT_LIMIT)
    rows, more = window(books, name, "created", clauses, {"limit": limit, **cursor})
    documents = [parsed(row) for row in rows]
    is_back = "ending_before" in cursor

    def link(side: str, is_there: object) -> str | None:
        if not is_there or not documents:
            return None
        edge = documents[-1 if side == "starting_after" else 0]["id"]
        page = base64.urlsafe_b64encode(f"{side}:{edge}".encode()).decode()
        return f"{url}?{urlencode([*_flat(given), ('page', page)])}"

    return answer(
        {
            "data": [shown(each) for each in documents],
            "next_page_url": link("starting_after", more or is_back),
            "previous_page_url": link(
                "ending_before", more if is_back else bool(cursor)
            ),
        }
    )


def _cursor(page: str) -> Params:
    try:
        text = base64.urlsafe_b64decode(page).decode()
    except ValueError as broken:
        raise invalid("Invalid page.", "page") from broken
    side, _, edge = text.partition(":")
    if side not in ("starting_after", "ending_before"):
        raise invalid("Invalid page.", "page")
    return {side: edge}


def _flat(given: Params) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in given.items():
        if name == "page":
            continue
        if isinstance(value, dict):
            pairs += [(f"{name}[{key}]", str(each)) for key, each in value.items()]
        elif isinstance(value, list):
            pairs += [
                (f"{name}[{place}]", str(each)) for place, each in enumerate(value)
            ]
        else:
            pairs.append((name, str(value)))
    return pairs


def missing(name: str, record_id: str) -> Refusal:
    """Return the second API's refusal of an id that names nothing."""
    return Refusal(error(404, f"No such {name}: '{record_id}'", code="not_found"))
