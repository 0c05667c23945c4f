"""Salesforce, tried on its accounts."""

from functools import partial
from typing import Any

import pytest

from ingestion import salesforce
from sandbox.identifiers import checksum
from sandbox.salesforce.users import USERS
from tests.conformance.source import Digits, Source, Sum, amounts, digits

_NEXT = f"{salesforce.DATA}/query/0r8Hs00000000000IAA-2000"


def _number(number: int) -> str:
    id15 = f"001Hs00Kit{number:05}"
    return id15 + checksum(id15)


def _small(patched: pytest.MonkeyPatch, size: int) -> None:
    sizes = salesforce.Sizes(page=size)
    patched.setattr(salesforce, "readings", partial(salesforce.readings, sizes=sizes))


def _endless(answer: Any) -> None:
    answer |= {"nextRecordsUrl": _NEXT, "done": False}


def _emptied(answer: Any) -> None:
    answer |= {"records": [], "nextRecordsUrl": _NEXT, "done": False}


def _miscounted(answer: Any) -> None:
    answer["totalSize"] += 5


def _foreign(answer: Any) -> None:
    answer |= {"nextRecordsUrl": f"https://elsewhere.example{_NEXT}", "done": False}


SALESFORCE = Source(
    name="salesforce",
    held={
        **{stream.name: stream.object for stream in salesforce.STREAMS},
        "users": lambda _store: USERS,  # who they are, no company says
    },
    stream="accounts",
    object="account",
    text="Name",
    column="name",
    reads=r"/queryAll\?.* FROM Account\b|/query/",
    path="/query",
    records=lambda answer: list(answer["records"]),
    key="Id",
    number=_number,
    lacking="Name",
    sums=(
        Sum("opportunities", "amount", amounts("salesforce", "opportunity", "Amount")),
        Sum(
            "quote_lines",
            "sbqq__net_total__c",
            amounts("salesforce", "sbqq__quoteline__c", "SBQQ__NetTotal__c"),
        ),
    ),
    digits=Digits("opportunities", "opportunity", "Amount", "amount", digits()),
    small=_small,
    page=200,  # the fewest that Salesforce takes
    crowd=430,
    # The survey: two questions for each of 18 objects, 25 in a call.
    quiet_calls=2,
    # The survey's one, and one query for each object: none is longer than a page.
    first_calls=20,
    deletion="told",
    deleted={"IsDeleted": True},
    restored={"IsDeleted": False},
    listed=("contacts", "contact"),
    secrets=("SALESFORCE_CLIENT_SECRET",),
    spoiled="SALESFORCE_CLIENT_SECRET",
    renews=True,
    busy=503,  # what is too much in a day is another answer, for which nobody waits
    is_again=r"/composite",
    endless=_endless,
    emptied=_emptied,
    miscounted=_miscounted,
    erroneous=[{"errorCode": "UNKNOWN_EXCEPTION", "message": "An error occurred"}],
    foreign=_foreign,
)
