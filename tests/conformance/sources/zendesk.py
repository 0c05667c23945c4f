"""Zendesk, tried on its organizations."""

from typing import Any

import pytest

from tests.conformance.source import Digits, Source


def _small(patched: pytest.MonkeyPatch, size: int) -> None:
    patched.setattr("ingestion.zendesk.PAGE", size)


def _endless(answer: Any) -> None:
    answer["end_of_stream"] = False


def _emptied(answer: Any) -> None:
    answer |= {"organizations": [], "count": 0, "end_of_stream": False}


def _miscounted(answer: Any) -> None:
    answer["count"] += 5


ZENDESK = Source(
    name="zendesk",
    held={"organizations": "organization", "users": "user", "tickets": "ticket"},
    stream="organizations",
    object="organization",
    text="name",
    column="name",
    reads=r"/incremental/organizations",
    path="/incremental/organizations",
    records=lambda answer: list(answer["organizations"]),
    number=lambda number: str(99_000_000_000_000 + number),
    unique=("name",),
    lacking="name",
    sums=(),
    digits=Digits(
        "tickets",
        "ticket",
        "requester_id",
        "requester_id",
        90_071_992_547_409_931,
    ),
    small=_small,
    is_whole_seconds=True,
    quiet_calls=3,  # one for each export
    first_calls=3,
    takes_no_end=True,
    deletion="told",
    deleted={"deleted_at": "2026-11-01T00:00:00Z"},
    restored={"deleted_at": None},
    secrets=("ZENDESK_API_TOKEN",),
    spoiled="ZENDESK_API_TOKEN",
    endless=_endless,
    emptied=_emptied,
    miscounted=_miscounted,
    erroneous={"error": "InternalError", "description": "Something went wrong"},
    not_applicable={
        "test_a_link_to_another_host_is_not_followed": "pages are asked for by a time"
        " or a cursor; no link is followed",
        "test_an_expired_token_is_renewed": "an API token does not expire",
        "test_sums_are_exact": "a ticket has no amount",
        "test_a_mass_disappearance_is_refused": "the exports tell of each deletion;"
        " nothing is listed",
    },
)
