"""HubSpot, tried on its companies."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from sandbox.store import Store
from tests.conformance.source import Digits, Document, Held, Source, Sum, digits


def _associations(origin: str, to: str) -> Held:
    def held(store: Store) -> Sequence[Document]:
        return [
            each
            for each in store.collection("hubspot", "associations")
            if each["from"].startswith(f"{origin}:") and each["toType"] == to
        ]

    return held


def _amounts(store: Store) -> Sequence[Decimal]:
    deals = store.collection("hubspot", "deals")
    return [Decimal(each["properties"].get("amount") or 0) for each in deals]


def _small(patched: pytest.MonkeyPatch, size: int) -> None:
    for name in ("PAGE", "SEARCH_PAGE", "BATCH_PAGE", "ASSOCIATED"):
        patched.setattr(f"ingestion.hubspot.walks.{name}", size)


def _endless(answer: Any) -> None:
    answer["paging"] = {"next": {"after": answer["results"][-1]["id"]}}


def _emptied(answer: Any) -> None:
    answer["paging"] = {"next": {"after": answer["results"][-1]["id"]}}
    answer["results"] = []


def _miscounted(answer: Any) -> None:
    answer["total"] += 5


_OBJECTS = ("companies", "contacts", "deals", "products", "line_items", "leads")
_PAIRS = (
    *(("contacts", "companies"), ("deals", "companies"), ("deals", "contacts")),
    *(("line_items", "deals"), ("leads", "contacts"), ("leads", "companies")),
)

HUBSPOT = Source(
    name="hubspot",
    held={
        **{name: name for name in (*_OBJECTS, "owners")},
        **{f"{one}_{other}": _associations(one, other) for one, other in _PAIRS},
    },
    stream="companies",
    object="companies",
    text="properties.name",
    column="name",
    reads=r"/crm/objects/[\d-]+/companies",
    path="/companies",
    records=lambda answer: list(answer["results"]),
    number=lambda number: str(999_000_000_000_000 + number),
    lacking="properties.name",
    sums=(Sum("deals", "amount", _amounts),),
    digits=Digits("deals", "deals", "properties.amount", "amount", str(digits())),
    small=_small,
    # A search for each of six objects, the owners' page, and for each of six kinds of
    # associations a batch of what the overlap shows again.
    quiet_calls=13,
    # Two phases of six lists and of the owners, a second page of line items, and six
    # batches of associations.
    first_calls=21,
    deletion="swept",
    listed=("contacts", "contacts"),
    secrets=("HUBSPOT_ACCESS_TOKEN",),
    spoiled="HUBSPOT_ACCESS_TOKEN",
    endless=_endless,
    emptied=_emptied,
    miscounted=_miscounted,
    erroneous={"status": "error", "category": "RATE_LIMITS", "message": "Later."},
    not_applicable={
        "test_a_link_to_another_host_is_not_followed": "pages are asked for by a"
        " cursor; the link beside it is not followed",
        "test_an_expired_token_is_renewed": "the token of an app does not expire",
        "test_a_field_that_is_new_is_kept": "properties are asked for by name, and"
        " HubSpot sends no other",
    },
)
