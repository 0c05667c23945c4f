"""HubSpot's limits, errors and values mean here what they mean there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ingestion import hubspot
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
)
from ingestion.hubspot.values import milliseconds
from ingestion.raw.typed import typed
from ingestion.readings import Batch
from sandbox.clients import InProcess
from sandbox.credentials import Credentials
from sandbox.server import application
from tests.ingestion.hubspot_account import (
    AT_FIRST,
    STREAMS,
    Start,
    a_record,
    an_id,
    client_of,
    opened,
    reading,
)
from tests.ingestion.timers import Virtual

A_DAY = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def start(keys: Credentials) -> Iterator[Start]:
    """Open accounts."""
    with opened(keys) as start:
        yield start


# Status, code in the first error, category, and what a read and a write ask for.
ERRORS = [
    (429, "", "RATE_LIMITS", Transient, Transient),
    (423, "", "LOCKED", Transient, Transient),
    (423, "", "", Transient, Transient),
    (477, "", "MIGRATION_IN_PROGRESS", Transient, Transient),
    (477, "", "", Transient, Transient),
    (500, "", "INTERNAL_ERROR", Transient, Unknown),
    (502, "", "", Transient, Unknown),
    (503, "", "", Transient, Transient),
    (504, "", "", Transient, Unknown),
    (521, "", "", Transient, Unknown),
    (524, "", "", Transient, Unknown),
    (409, "", "CONFLICT", Conflict, Conflict),
    (409, "", "OBJECT_ALREADY_EXISTS", Conflict, Conflict),
    (400, "", "VALIDATION_ERROR", Rejected, Rejected),
    (400, "INVALID_OPTION", "VALIDATION_ERROR", Rejected, Rejected),
    (404, "", "OBJECT_NOT_FOUND", Rejected, Rejected),
    (400, "PROPERTY_DOESNT_EXIST", "VALIDATION_ERROR", Refused, Refused),
    (403, "", "MISSING_SCOPES", Refused, Refused),
    (403, "", "USER_DOES_NOT_HAVE_PERMISSIONS", Refused, Refused),
    (401, "", "INVALID_AUTHENTICATION", Refused, Refused),
    (401, "", "EXPIRED_AUTHENTICATION", Refused, Refused),
    (405, "", "METHOD_NOT_ALLOWED", Refused, Refused),
    (415, "", "UNSUPPORTED_MEDIA_TYPE", Refused, Refused),
]


@pytest.mark.parametrize(("status", "code", "category", "read", "write"), ERRORS)
def test_every_documented_code_asks_for_a_reaction(
    status: int,
    code: str,
    category: str,
    read: type[SystemFault],
    write: type[SystemFault],
) -> None:
    """The code of the error decides, then the category, then the status."""
    error = {"message": "No.", "context": {"propertyName": ["name"]}}
    body = {
        "status": "error",
        "message": "It went wrong.",
        "category": category,
        "errors": [{**error, "code": code} if code else error],
    }
    response = httpx.Response(status, json=body)

    faults = [hubspot.classify(response, wrote=wrote) for wrote in (False, True)]

    assert [type(fault) for fault in faults] == [read, write]
    assert {fault.status for fault in faults} == {status}
    assert {fault.field for fault in faults} == {"name"}
    told = code if code in hubspot.ERRORS else category
    assert {fault.code for fault in faults} == {told or None}


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b'{"errors": [1]}'])
def test_an_answer_in_no_known_shape_is_classified_by_its_status(body: bytes) -> None:
    """A gateway's web page is not a crash of ours."""
    fault = hubspot.classify(httpx.Response(502, content=body), wrote=True)

    assert type(fault) is Unknown
    assert str(fault).startswith("hubspot: the answer was status 502; ")


def test_an_unknown_property_is_named_also_inside_the_sentence(start: Start) -> None:
    """HubSpot says it in a list of errors, or as JSON in the message."""
    account = start(companies=[a_record("companies", 1)])
    path = f"/crm/objects/2026-09/companies/{an_id(1)}"
    listed = account.direct.patch(path, json={"properties": {"shoe_size": "44"}})
    sentence = (
        'Property values were not valid: [{"isValid":false,"message":"Property'
        ' \\"shoe_size\\" does not exist","error":"PROPERTY_DOESNT_EXIST",'
        '"name":"shoe_size"}]'
    )
    body = {"message": sentence, "category": "VALIDATION_ERROR"}

    faults = [
        hubspot.classify(response, wrote=True)
        for response in (listed, httpx.Response(400, json=body))
    ]

    assert [type(fault) for fault in faults] == [Refused, Refused]
    assert [fault.field for fault in faults] == ["shoe_size", "shoe_size"]
    assert {fault.code for fault in faults} == {"PROPERTY_DOESNT_EXIST"}


def test_a_missing_scope_is_named_with_the_object(start: Start) -> None:
    """The sentence says what to grant."""
    account = start()
    account.store.set_conditions({"hubspot": {"scopes": ["oauth"]}})

    with pytest.raises(Refused) as refused:
        account.walk(reading("deals", AT_FIRST))

    sentence = str(refused.value)
    assert sentence.startswith("hubspot deal: ")
    assert sentence.endswith("; grant the app crm.objects.deals.read, then run again.")


def test_a_wrong_token_names_the_setting(keys: Credentials, start: Start) -> None:
    """Whoever reads the sentence knows what to correct."""
    app = application(start().store, keys, only=["hubspot"])
    wrong = client_of(InProcess(app), "pat-na1-wrong")

    with pytest.raises(Refused, match=r"check HUBSPOT_ACCESS_TOKEN, then run again"):
        wrong.get("/crm/objects/2026-09/companies")


def a_spent_day(at: str) -> httpx.Response:
    """Return the answer to a call beyond the day's, given at a time of the day."""
    body = {
        "status": "error",
        "message": "You have reached your daily limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "DAILY",
    }
    return httpx.Response(429, json=body, headers={"Date": at})


def test_a_spent_day_ends_all_calls_of_the_load() -> None:
    """HubSpot asks for no pause: the day ends at midnight, and nobody asks again."""
    answer = a_spent_day("Sun, 01 Nov 2026 12:00:00 GMT")
    rest = client_of(httpx.MockTransport(lambda _request: answer))

    with pytest.raises(Transient, match="daily limit") as spent:
        rest.get("/crm/objects/2026-09/deals")
    with pytest.raises(Transient, match="daily limit"):
        rest.get("/crm/objects/2026-09/companies")

    assert spent.value.retry_after == 12 * 3600
    assert rest.requests == 1


def test_reads_leave_a_tenth_of_the_day_to_writes(start: Start) -> None:
    """The headers of each answer tell what is left of the account's day."""
    account = start()
    account.store.set_conditions({"hubspot": {"calls_per_day": 10}})
    for _ in range(9):
        account.rest.get("/crm/objects/2026-09/deals")

    with pytest.raises(Transient, match="the calls of the day are spent"):
        account.rest.get("/crm/objects/2026-09/deals")


def test_the_day_is_not_tried_again_just_before_midnight() -> None:
    """Where midnight is, no answer tells: a run ends rather than wait for it."""
    answer = a_spent_day("Sun, 01 Nov 2026 23:59:59 GMT")

    fault = hubspot.classify(answer, wrote=False)

    assert fault.retry_after == 120


def counted(headers: dict[str, str], calls: int, path: str) -> list[float]:
    """Return the pauses that some calls of a path had to make."""
    rest = client_of(
        httpx.MockTransport(
            lambda _request: httpx.Response(200, json={}, headers=headers)
        )
    )
    for _ in range(calls):
        rest.get(path)
    timer = rest._timer
    assert isinstance(timer, Virtual)
    return timer.pauses


def test_calls_wait_when_the_headers_say_that_the_interval_is_spent() -> None:
    """Ten seconds later all are there again."""
    headers = {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "0"}

    assert counted(headers, 2, "/crm/owners/2026-09") == [10.0]


def test_the_headers_raise_the_smallest_plans_limit() -> None:
    """Of 100 calls in ten seconds reads take 90; of the 190 that are told, 171."""
    told = {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "150"}

    assert counted({}, 90, "/crm/owners/2026-09") == []
    assert len(counted({}, 91, "/crm/owners/2026-09")) == 1
    assert counted(told, 130, "/crm/owners/2026-09") == []


def test_searches_are_five_in_a_second() -> None:
    """Lists have no such limit."""
    assert len(counted({}, 6, "/crm/objects/2026-09/deals/search")) == 1
    assert counted({}, 6, "/crm/objects/2026-09/deals") == []


def row(kind: str, **values: Any) -> dict[str, Any]:
    """Return the typed row of a record with these values and no others."""
    stream = STREAMS[kind]
    paths = [str(column.path).rstrip("?") for column in stream.columns]
    names = [path.removeprefix("properties.") for path in paths]
    document = {
        "id": "1",
        "properties": {**dict.fromkeys(names), **values},
        "archived": False,
    }
    rows, unfit = typed("hubspot", stream, Batch(kind, [document]))
    if unfit:
        raise unfit[0].fault
    found: dict[str, Any] = rows.to_pylist()[0]
    return found


def test_values_keep_every_digit_and_instant() -> None:
    """Numbers are decimals, instants exact to the millisecond, an empty text null."""
    seen = row(
        "deals",
        dealname="",
        amount="12345678901234567890.123456789",
        hs_arr="-1.5E+3",
        hs_mrr="",
        closedate="2026-10-31T09:00:00.123Z",
        hs_lastmodifieddate="1790812800123",
        hs_is_closed="true",
        hs_is_closed_won="false",
    )

    assert seen["dealname"] is None
    assert seen["amount"] == Decimal("12345678901234567890.123456789")
    assert seen["hs_arr"] == Decimal(-1500)
    assert seen["hs_mrr"] is None
    assert seen["closedate"] == datetime(2026, 10, 31, 9, 0, 0, 123_000, UTC)
    assert seen["hs_lastmodifieddate"] == datetime(2026, 10, 1, 0, 0, 0, 123_000, UTC)
    assert (seen["hs_is_closed"], seen["hs_is_closed_won"]) == (True, False)


@pytest.mark.parametrize(
    ("stream", "category", "number", "primary"),
    [
        ("contacts_companies", "HUBSPOT_DEFINED", 1, True),
        ("contacts_companies", "HUBSPOT_DEFINED", 279, False),
        ("contacts_companies", "USER_DEFINED", 1, False),
        ("deals_companies", "HUBSPOT_DEFINED", 5, True),
        ("deals_companies", "HUBSPOT_DEFINED", 341, False),
        ("leads_contacts", "HUBSPOT_DEFINED", 578, True),
        ("leads_contacts", "HUBSPOT_DEFINED", 608, False),
        ("deals_contacts", "HUBSPOT_DEFINED", 3, False),
    ],
)
def test_the_primary_association_is_known_by_its_number(
    stream: str, category: str, number: int, *, primary: bool
) -> None:
    """The numbers are those of HubSpot's page; labels are in the account's language."""
    kind = {"category": category, "typeId": number, "label": "Primär"}
    document = {"fromObjectId": "1", "toObjectId": 2, "associationTypes": [kind]}

    rows, _ = typed("hubspot", STREAMS[stream], Batch(stream, [document]))

    assert rows["is_primary"].to_pylist() == [primary]


@pytest.mark.parametrize("value", ["2026-10-01", "1790812800000"])
def test_a_day_is_a_day_or_the_milliseconds_of_its_midnight(value: str) -> None:
    """Both stand on the wire."""
    seen = row("companies", became_customer_on=value)

    assert seen["became_customer_on"] == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("deals", "amount", "1,200.50"),
        ("deals", "amount", "1_200"),
        ("deals", "amount", "NaN"),
        ("deals", "amount", "0.1000000000000000055511151231257827"),
        ("deals", "amount", 1200),
        ("deals", "closedate", "tomorrow"),
        ("deals", "hs_is_closed", "yes"),
        ("deals", "hubspot_owner_id", 71),
        ("companies", "became_customer_on", "1790812800001"),
        ("companies", "became_customer_on", "20261001"),
    ],
)
def test_a_retyped_value_is_refused_by_name(kind: str, field: str, value: Any) -> None:
    """A value of another kind is never an empty cell, nor a rounded one."""
    with pytest.raises(Rejected) as rejected:
        row(kind, **{field: value})

    assert rejected.value.field == f"properties.{field}"
    assert rejected.value.record_id == "1"


def test_filters_count_milliseconds_without_floats() -> None:
    """A bound that was rounded would lose the changes of a millisecond."""
    assert milliseconds(datetime(2026, 10, 1, 0, 0, 0, 123_999, UTC)) == 1790812800123


def test_the_client_goes_to_hubspot_unless_told_otherwise() -> None:
    """A sandbox is another address, nothing else."""
    environ = {"HUBSPOT_ACCESS_TOKEN": "pat-na1-x"}
    other = {**environ, "HUBSPOT_URL": "http://127.0.0.1:1/hubspot"}

    with hubspot.client(environ) as usual, hubspot.client(other) as sandbox:
        assert usual.base_url == "https://api.hubapi.com"
        assert sandbox.base_url == "http://127.0.0.1:1/hubspot"
