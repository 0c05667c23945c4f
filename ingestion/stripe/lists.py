"""Lists: Stripe's pages, newest first, and the lists that stand inside of objects."""

from collections.abc import Mapping
from typing import Any

from ingestion.errors import Refused, Transient
from ingestion.readings import Document, Step
from ingestion.transport.rest import Rest

# The most objects Stripe puts into one page.
PAGE = 100


def page(
    rest: Rest, path: str, params: Mapping[str, Any], after: str | None
) -> tuple[list[Document], str | None]:
    """Return the page below an id, and the id below which the next one begins.

    What is created meanwhile comes on top, so a walk downwards misses nothing of what
    was there when it began.

    Raises:
        SystemFault: the system answered with an error.
        Refused: the answer is no list.
        Transient: more was announced than came.
    """
    asked = {"limit": PAGE, **params}
    if after is not None:
        asked["starting_after"] = after
    return _rows(rest, path, rest.parsed(rest.get(path, params=asked)))


def whole(rest: Rest, path: str, params: Mapping[str, Any]) -> list[Document]:
    """Return a list up to its end.

    Raises:
        SystemFault: as `page` does; Refused too where the list has no end.
    """
    return _to_its_end(rest, path, params, page(rest, path, params, None))


def completed(
    rest: Rest, part: object, path: str, params: Mapping[str, Any]
) -> list[Document]:
    """Return a list that stands inside of an object, up to its end.

    Stripe shows the first ten there; `path` and `params` ask for the rest.

    Raises:
        SystemFault: as `whole` does.
    """
    return _to_its_end(rest, path, params, _rows(rest, path, part))


def _to_its_end(
    rest: Rest,
    path: str,
    params: Mapping[str, Any],
    first: tuple[list[Document], str | None],
) -> list[Document]:
    rows, after = first
    seen: set[str] = set()
    while after is not None:
        if after in seen:
            raise Refused(
                rest.system,
                f"the page after {after[:60]!r} of {path} was announced twice, so the"
                " list has no end",
                "report it to the vendor",
            )
        seen.add(after)
        more, after = page(rest, path, params, after)
        rows += more
    return rows


def window(step: Step) -> dict[str, int]:
    """Return the bounds of the time of creation; whole seconds, both inclusive."""
    found = {}
    if step.since is not None:
        found["created[gte]"] = int(step.since.timestamp())
    if step.until is not None:
        found["created[lte]"] = int(step.until.timestamp())
    return found


def bounds(step: Step) -> dict[str, int]:
    """Return the bounds of a list of objects: those of a load of the past.

    Without an end, everything is wanted: Stripe's objects do not say when they were
    changed, so a list that began at `since` would miss older ones that were.
    """
    return {} if step.until is None else window(step)


def after(step: Step) -> str | None:
    """Return the id after which a walk over one list goes on."""
    return None if step.place is None else str(step.place)


def _rows(rest: Rest, path: str, answer: Any) -> tuple[list[Document], str | None]:
    try:
        rows, has_more = list(answer["data"]), answer["has_more"]
        ids = [row["id"] for row in rows]
    except (KeyError, TypeError) as error:
        raise Refused(
            rest.system,
            f"what stands for {path} is no list of Stripe's",
            "check STRIPE_URL and the API version, then run again",
        ) from error
    if has_more and not ids:
        raise Transient(
            rest.system, f"{path} announced more records and showed none of them"
        )
    return rows, ids[-1] if has_more else None
