"""What the vendor says of changes is believed exactly as far as it goes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ingestion import salesforce
from ingestion.errors import Refused
from ingestion.salesforce.survey import Survey, Told
from ingestion.transport.auth import bearer
from ingestion.transport.rest import Rest
from tests.ingestion.salesforce_org import NOW, SINCE, STREAMS

ACCOUNTS = STREAMS["accounts"]
COVERED = "2026-11-01T11:59:00.000+0000"
AT = datetime(2026, 11, 1, 11, 59, tzinfo=UTC)
UPDATED = {"ids": [], "latestDateCovered": COVERED}
DELETED = {
    "deletedRecords": [],
    "earliestDateAvailable": "2026-10-02T00:00:00.000+0000",
    "latestDateCovered": COVERED,
}
ERROR = [{"errorCode": "EXCEEDED_ID_LIMIT", "message": "Too many."}]


def a_survey(*, since: datetime = SINCE) -> Survey:
    """Return the survey of all objects."""
    return Survey(salesforce.STREAMS, dict.fromkeys(STREAMS, since), NOW)


class Vendor:
    """Answers composite calls; accounts are answered as the test says."""

    def __init__(self, updated: Any = UPDATED, deleted: Any = DELETED) -> None:
        """Answer with these, a list being an error."""
        self.answers = {"updated": updated, "deleted": deleted}
        self.asked: list[list[dict[str, str]]] = []
        self.rest = Rest(
            *("salesforce", "https://concord.my.salesforce.com", bearer("t")),
            salesforce.classify,
            transport=httpx.MockTransport(self._answer),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["compositeRequest"]
        self.asked.append(asked)
        answers = [self._one(each["referenceId"]) for each in asked]
        return httpx.Response(200, json={"compositeResponse": answers[::-1]})

    def _one(self, reference: str) -> dict[str, Any]:
        which, _, name = reference.partition("_")
        usual = {"updated": UPDATED, "deleted": DELETED}
        body = (self.answers if name == "accounts" else usual)[which]
        status = 400 if isinstance(body, list) else 200
        return {"referenceId": reference, "body": body, "httpStatusCode": status}


@pytest.mark.parametrize(
    ("updated", "deleted", "told"),
    [
        (UPDATED, DELETED, Told(AT, quiet=True, gone=())),
        (UPDATED | {"ids": ["1"]}, DELETED, Told(AT, quiet=False, gone=())),
        (
            UPDATED,
            DELETED | {"deletedRecords": [{"id": "1", "deletedDate": COVERED}]},
            Told(AT, quiet=False, gone=("1",)),
        ),
        # What was purged before this is forgotten, so silence means nothing.
        (
            UPDATED,
            DELETED | {"earliestDateAvailable": "2026-10-31T12:00:01.000+0000"},
            Told(AT, quiet=False, gone=()),
        ),
        # An open transaction holds one of the two back.
        (
            UPDATED,
            DELETED | {"latestDateCovered": "2026-11-01T11:00:00.000+0000"},
            Told(AT - timedelta(minutes=59), quiet=True, gone=()),
        ),
        # Covered to the end of a window that ends tomorrow: their clock is past it.
        (
            UPDATED | {"latestDateCovered": "2026-11-02T12:00:00.000+0000"},
            DELETED,
            None,
        ),
        (ERROR, DELETED, None),
        (UPDATED, ERROR, None),
        ({"ids": []}, DELETED, None),
        (UPDATED | {"latestDateCovered": "now"}, DELETED, None),
    ],
)
def test_silence_is_believed_only_where_it_is_complete(
    updated: Any, deleted: Any, told: Told | None
) -> None:
    """None sends the walk to the query, which has the last word; others stay quiet."""
    vendor = Vendor(updated, deleted)
    survey = a_survey()

    assert survey.of(vendor.rest, ACCOUNTS) == told
    assert survey.of(vendor.rest, STREAMS["contacts"]) == Told(AT, quiet=True, gone=())


def test_all_objects_are_asked_for_once_in_full_calls() -> None:
    """25 questions in a call; users are never deleted, so they have but one."""
    vendor = Vendor()
    survey = a_survey()

    for stream in salesforce.STREAMS:
        survey.of(vendor.rest, stream)

    questions = 2 * len(STREAMS) - 1
    assert list(map(len, vendor.asked)) == [25, questions - 25]
    assert vendor.asked[0][0]["url"] == (
        f"{salesforce.DATA}/sobjects/Account/updated/"
        "?start=2026-10-31T12:00:00%2B00:00&end=2026-11-02T12:00:00%2B00:00"
    )


def test_a_first_load_asks_only_up_to_when_it_will_be_complete() -> None:
    """Everything is read anyway: ids are not wanted, and the window is short."""
    vendor = Vendor()
    survey = Survey(salesforce.STREAMS, {}, NOW)

    told = survey.of(vendor.rest, ACCOUNTS)

    assert told == Told(AT, quiet=False, gone=())
    assert list(map(len, vendor.asked)) == [len(STREAMS)]


@pytest.mark.parametrize("answer", [[], {}, {"compositeResponse": [{"body": 1}]}])
def test_a_composite_answer_of_another_form_is_refused(answer: Any) -> None:
    """A stranger's answer is no silence."""
    rest = Rest(
        *("salesforce", "https://concord.my.salesforce.com", bearer("t")),
        salesforce.classify,
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)),
    )

    with pytest.raises(Refused, match="otherwise than is documented"):
        a_survey().of(rest, ACCOUNTS)
