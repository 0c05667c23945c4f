"""Vitally's errors, cursors and kinds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from sandbox.paging import place_of
from sandbox.wire import Refusal, answer

NOBODY = "Authorization header not present."
# Believed, unverified, but for the first (docs.vitally.io, article 9880649).
SENTENCES = {
    401: NOBODY,
    404: "Not found.",
    429: "Too many requests.",
    500: "Internal server error.",
    502: "Bad gateway.",
    503: "Service unavailable.",
    504: "Gateway timeout.",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource: what has to be there to create it, and what may be written."""

    required: tuple[str, ...]
    writable: tuple[str, ...]
    points: Mapping[str, str]


KINDS = {
    "organizations": Kind(("name", "externalId"), ("name", "externalId"), {}),
    "accounts": Kind(
        ("name", "externalId"),
        ("name", "externalId", "organizationId", "accountOwnerId"),
        {"organizationId": "organizations"},
    ),
    "users": Kind(
        ("externalId",),
        ("name", "externalId", "email", "accountIds", "organizationIds", "joinDate"),
        {},
    ),
    "notes": Kind(
        ("note", "noteDate"),
        ("subject", "note", "noteDate", "accountId", "organizationId", "externalId"),
        {"accountId": "accounts", "organizationId": "organizations"},
    ),
    "npsResponses": Kind(
        ("userId", "score", "respondedAt"),
        ("userId", "score", "feedback", "respondedAt", "externalId"),
        {"userId": "users"},
    ),
}


MOST_TRAITS = 500  # believed, not seen
BEST_SCORE = 10


def is_text(value: Any) -> bool:
    """Say whether a value is a text or nothing."""
    return value is None or isinstance(value, str)


def _is_traits(value: Any) -> bool:
    return isinstance(value, dict) and len(value) <= MOST_TRAITS


def _is_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_score(value: Any) -> bool:
    return type(value) is int and 0 <= value <= BEST_SCORE


# What the fields that are no texts have to be, by how their names end.
SORTS_OF: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "traits": (_is_traits, "must be an object"),
    "Ids": (_is_ids, "must be a list of ids"),
    "score": (_is_score, f"must be from 0 to {BEST_SCORE}"),
}


def refuse(status: int, sentence: str) -> Response:
    """Return Vitally's error, which is a sentence."""
    return answer({"error": sentence}, status)


def wrong(sentence: str) -> Refusal:
    """Return the refusal of a request that is not right."""
    return Refusal(refuse(400, sentence))


def decoded(cursor: str) -> tuple[str, int]:
    """Return the (stamp, place) that a cursor stands behind."""
    try:
        return place_of(cursor)
    except ValueError as error:
        raise wrong("Invalid cursor.") from error
