"""Every error code that a vendor documents asks for one of the reactions."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ingestion import netsuite, salesforce, stripe, zendesk
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
)

Body = Callable[[str], Any]


def salesforce_body(code: str) -> Any:
    """Return Salesforce's shape: a list with one entry per error."""
    return [{"message": "It went wrong.", "errorCode": code, "fields": ["Name"]}]


def stripe_body(code: str) -> Any:
    """Return Stripe's shape, with the code as code and as type."""
    return {"error": {"type": code, "code": code, "message": "No.", "param": "name"}}


def zendesk_body(code: str) -> Any:
    """Return Zendesk's shape."""
    return {"error": code, "description": "No.", "details": {"name": [{}]}}


def netsuite_body(code: str) -> Any:
    """Return NetSuite's shape."""
    detail = {"detail": "No.", "o:errorCode": code, "o:errorPath": "name"}
    return {"title": "Bad Request", "status": 400, "o:errorDetails": [detail]}


SALESFORCE = [
    (400, "UNABLE_TO_LOCK_ROW", Transient, Transient),
    (503, "SERVER_UNAVAILABLE", Transient, Transient),
    (400, "QUERY_TIMEOUT", Transient, Transient),
    (403, "REQUEST_LIMIT_EXCEEDED", Transient, Transient),
    (400, "INVALID_QUERY_LOCATOR", Conflict, Conflict),
    (400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", Transient, Transient),
    (500, "UNKNOWN_EXCEPTION", Transient, Unknown),
    (412, "", Conflict, Conflict),
    (300, "", Conflict, Conflict),
    (404, "ENTITY_IS_DELETED", Conflict, Conflict),
    (400, "ENTITY_IS_LOCKED", Conflict, Conflict),
    (400, "DUPLICATES_DETECTED", Conflict, Conflict),
    (400, "DUPLICATE_VALUE", Conflict, Conflict),
    (400, "REQUIRED_FIELD_MISSING", Rejected, Rejected),
    (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Rejected, Rejected),
    (400, "STRING_TOO_LONG", Rejected, Rejected),
    (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Rejected, Rejected),
    (400, "MALFORMED_ID", Rejected, Rejected),
    (400, "INVALID_CROSS_REFERENCE_KEY", Rejected, Rejected),
    (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Rejected, Rejected),
    (404, "NOT_FOUND", Rejected, Rejected),
    (400, "INVALID_FIELD", Refused, Refused),
    (400, "INVALID_TYPE", Refused, Refused),
    (403, "INSUFFICIENT_ACCESS", Refused, Refused),
    (403, "INSUFFICIENT_ACCESS_OR_READONLY", Refused, Refused),
    (403, "API_DISABLED_FOR_ORG", Refused, Refused),
    (403, "STORAGE_LIMIT_EXCEEDED", Refused, Refused),
    (401, "INVALID_SESSION_ID", Refused, Refused),
]
STRIPE = [
    (409, "conflict", Transient, Transient),
    (429, "lock_timeout", Transient, Transient),
    (429, "rate_limit", Transient, Transient),
    (409, "idempotency_key_in_use", Transient, Transient),
    (400, "idempotency_error", Unknown, Unknown),
    (500, "api_error", Transient, Unknown),
    (502, "api_error", Transient, Unknown),
    (503, "api_error", Transient, Transient),
    (504, "api_error", Transient, Unknown),
    (400, "invalid_request_error", Rejected, Rejected),
    (402, "card_error", Rejected, Rejected),
    (404, "resource_missing", Rejected, Rejected),
    (400, "parameter_unknown", Refused, Refused),
    (403, "more_permissions_required", Refused, Refused),
    (401, "invalid_request_error", Refused, Refused),
    (401, "api_key_expired", Refused, Refused),
]
ZENDESK = [
    (429, "APIRateLimitExceeded", Transient, Transient),
    (429, "TooManyJobs", Transient, Transient),
    (503, "ServiceUnavailable", Transient, Transient),
    (500, "InternalServerError", Transient, Unknown),
    (409, "DatabaseConflict", Conflict, Conflict),
    (422, "RecordInvalid", Rejected, Rejected),
    (404, "RecordNotFound", Rejected, Rejected),
    (403, "Forbidden", Refused, Refused),
    (401, "Couldn't authenticate you", Refused, Refused),
]
NETSUITE = [
    (429, "CONCURRENCY_LIMIT_EXCEEDED", Transient, Transient),
    (400, "SSS_REQUEST_LIMIT_EXCEEDED", Transient, Transient),
    (400, "WS_REQUEST_BLOCKED", Transient, Transient),
    (500, "UNEXPECTED_ERROR", Transient, Unknown),
    (400, "IDEMPOTENCY_ERROR", Unknown, Unknown),
    (400, "RCRD_HAS_BEEN_CHANGED", Conflict, Conflict),
    (400, "DUP_RCRD", Conflict, Conflict),
    (400, "DUP_ENTITY", Conflict, Conflict),
    (400, "INVALID_CONTENT", Rejected, Rejected),
    (400, "USER_ERROR", Rejected, Rejected),
    (404, "NONEXISTENT_ID", Rejected, Rejected),
    (400, "INVALID_KEY_OR_REF", Rejected, Rejected),
    (403, "INSUFFICIENT_PERMISSION", Refused, Refused),
    (400, "FEATURE_DISABLED", Refused, Refused),
    (401, "INVALID_LOGIN", Refused, Refused),
]
CASES = [
    pytest.param(classify, body, case, id=f"{system}-{case[0]}-{case[1]}")
    for system, classify, body, cases in (
        ("salesforce", salesforce.classify, salesforce_body, SALESFORCE),
        ("stripe", stripe.classify, stripe_body, STRIPE),
        ("zendesk", zendesk.classify, zendesk_body, ZENDESK),
        ("netsuite", netsuite.classify, netsuite_body, NETSUITE),
    )
    for case in cases
]


@pytest.mark.parametrize(("classify", "body", "case"), CASES)
def test_every_documented_code_asks_for_a_reaction(
    classify: Any,
    body: Body,
    case: tuple[int, str, type[SystemFault], type[SystemFault]],
) -> None:
    """The vendor's word decides; where it has none, the status does."""
    status, code, read, write = case
    response = httpx.Response(status, json=body(code))

    after_read = classify(response, wrote=False)
    after_write = classify(response, wrote=True)

    assert (type(after_read), type(after_write)) == (read, write)
    assert after_read.status == status
    assert after_read.field in {"Name", "name"}
    assert after_read.code == (code or after_read.code)


@pytest.mark.parametrize(
    ("module", "system"),
    [
        (salesforce, "salesforce"),
        (stripe, "stripe"),
        (zendesk, "zendesk"),
        (netsuite, "netsuite"),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, html="<html>Bad gateway</html>"),
        httpx.Response(502, json=[]),
        httpx.Response(502, json={"error": None}),
        httpx.Response(502, json="no"),
        httpx.Response(502),
    ],
)
def test_an_error_in_no_known_shape_is_classified_by_its_status(
    module: Any, system: str, answer: httpx.Response
) -> None:
    """A gateway's web page is not a crash of ours."""
    fault = module.classify(answer, wrote=True)

    assert type(fault) is Unknown
    assert str(fault).startswith(f"{system}: ")


def test_an_unknown_salesforce_field_is_named() -> None:
    """The sentence has the object and the field, not the whole query."""
    message = (
        "\nSELECT Id, Tax_Id__c FROM Account\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Tax_Id__c' on entity 'Account'. If you are attempting to use"
        " a custom field, be sure to append the '__c'."
    )
    body = [{"message": message, "errorCode": "INVALID_FIELD"}]

    fault = salesforce.classify(httpx.Response(400, json=body), wrote=False)

    assert str(fault).startswith("salesforce Account, field Tax_Id__c: ")
    assert "SELECT" not in str(fault)


def test_an_unknown_netsuite_field_is_named() -> None:
    """The sentence has the table and the column."""
    detail = (
        "Invalid search query. Detailed unprocessed description follows. Search error"
        " occurred: Field 'vatregnumber' for record 'customer' was not found."
    )
    body = {
        "o:errorDetails": [
            {
                "detail": detail,
                "o:errorQueryParam": "q",
                "o:errorCode": "INVALID_PARAMETER",
            }
        ]
    }

    fault = netsuite.classify(httpx.Response(400, json=body), wrote=False)

    assert type(fault) is Refused
    assert str(fault).startswith("netsuite customer, field vatregnumber: ")


def test_the_days_calls_that_are_spent_are_not_spent_on_retries() -> None:
    """Salesforce's quota comes back within a day, not within a minute."""
    body = salesforce_body("REQUEST_LIMIT_EXCEEDED")

    fault = salesforce.classify(httpx.Response(403, json=body), wrote=False)

    assert fault.retry_after == 3600


@pytest.mark.parametrize(
    ("module", "cases"),
    [
        (stripe, STRIPE),
        (zendesk, ZENDESK),
        (netsuite, NETSUITE),
    ],
)
def test_no_code_is_mapped_without_being_shown(module: Any, cases: list[Any]) -> None:
    """The table of a module and the list here name the same codes."""
    shown = {code for _, code, _, _ in cases}

    assert set(module.ERRORS) <= shown
