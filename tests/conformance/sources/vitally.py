"""Vitally, which a file declares, tried on its accounts."""

from typing import Any

import pytest

from ingestion import declared
from tests.conformance.source import Digits, Source, Sum, amounts, digits

_VITALLY = next(each for each in declared.VENDORS if each.name == "vitally")


def _small(patched: pytest.MonkeyPatch, size: int) -> None:
    for resource in _VITALLY._resources.values():
        patched.setitem(resource.paging.size, "limit", size)


def _endless(answer: Any) -> None:
    answer["next"] = "again"


def _emptied(answer: Any) -> None:
    answer |= {"results": [], "next": "more"}


VITALLY = Source(
    name="vitally",
    held={name: name for name in ("organizations", "accounts", "users", "notes")},
    stream="accounts",
    object="accounts",
    text="name",
    column="name",
    reads=r"/resources/accounts",
    path="/resources/accounts",
    records=lambda answer: list(answer["results"]),
    number=lambda number: f"{number:08}-aaaa-4bbb-8ccc-eeeeeeeeeeee",
    unique=("externalId",),
    lacking="name",
    sums=(Sum("accounts", "mrr", amounts("vitally", "accounts", "mrr")),),
    digits=Digits("accounts", "accounts", "mrr", "mrr", digits()),
    small=_small,
    quiet_calls=4,  # one for each list
    first_calls=4,
    takes_no_end=True,
    deletion="swept",
    listed=("users", "users"),
    secrets=("VITALLY_API_KEY",),
    spoiled="VITALLY_API_KEY",
    endless=_endless,
    emptied=_emptied,
    erroneous={"error": "Something went wrong"},
    not_applicable={
        "test_a_link_to_another_host_is_not_followed": "pages are asked for by a"
        " cursor; no link is followed",
        "test_an_expired_token_is_renewed": "a key does not expire",
        "test_a_wrong_total_is_noticed": "lists have no total",
    },
)
