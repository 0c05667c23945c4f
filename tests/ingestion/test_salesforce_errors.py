"""Every code that Salesforce documents for what we ask has its reaction."""

import re
from pathlib import Path

import httpx
import pytest

import sandbox.salesforce
from ingestion import salesforce
from ingestion.errors import Conflict, Refused, Rejected, SystemFault, Transient

# By what the guides say of each code, not by how our own module groups them.
CODES: dict[type[SystemFault], str] = {
    Transient: """
        UNABLE_TO_LOCK_ROW SERVER_UNAVAILABLE QUERY_TIMEOUT REQUEST_LIMIT_EXCEEDED
        REQUEST_RUNNING_TOO_LONG ORG_IN_MAINTENANCE TOO_MANY_APEX_REQUESTS
        FUNCTIONALITY_TEMPORARILY_UNAVAILABLE REALTIME_PROCESSING_TIME_EXCEEDED
        TXN_SECURITY_METERING_ERROR ALL_OR_NONE_OPERATION_ROLLED_BACK
        BATCH_PROCESSING_HALTED PROCESSING_HALTED INVALIDJOBSTATE
    """,
    Conflict: """
        ALREADY_IN_PROCESS DUPLICATES_DETECTED DUPLICATE_EXTERNAL_ID DUPLICATE_VALUE
        ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE ENTITY_IS_DELETED ENTITY_IS_LOCKED
        PRECONDITION_FAILED INVALID_QUERY_LOCATOR
    """,
    Rejected: """
        CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CANNOT_UPDATE_CONVERTED_LEAD
        CIRCULAR_DEPENDENCY DELETE_FAILED DEPENDENCY_EXISTS EXCEEDED_ID_LIMIT
        FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION
        FIELD_INTEGRITY_EXCEPTION FILTERED_LOOKUP_LIMIT_EXCEEDED InvalidBatch
        INACTIVE_OWNER_OR_USER INVALID_CROSS_REFERENCE_KEY INVALID_CURRENCY_ISO
        INVALID_EMAIL_ADDRESS INVALID_FIELD_FOR_INSERT_UPDATE INVALID_ID_FIELD
        INVALID_OPERATION INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST INVALID_STATUS
        INVALID_TYPE_ON_FIELD_IN_RECORD MALFORMED_ID MISSING_ARGUMENT MISSING_RECORD
        NOT_FOUND NUMBER_OUTSIDE_VALID_RANGE REQUIRED_FIELD_MISSING STRING_TOO_LONG
        TRANSFER_REQUIRES_READ INVALID_QUERY_FILTER_OPERATOR LIMIT_EXCEEDED
        INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY
    """,
    Refused: """
        API_CURRENTLY_DISABLED API_DISABLED_FOR_ORG API_ERROR EXCEEDED_QUOTA
        CLIENT_NOT_ACCESSIBLE_FOR_USER CLIENT_REQUIRE_UPDATE_FOR_USER
        EXCEEDED_MAX_SIZE_REQUEST EXCEEDED_MAX_SOBJECTS FUNCTIONALITY_NOT_ENABLED
        ILLEGAL_QUERY_PARAMETER_VALUE INSUFFICIENT_ACCESS INVALIDJOB
        INSUFFICIENT_ACCESS_OR_READONLY INVALID_AUTH_HEADER INVALID_BATCH_SIZE
        INVALID_CLIENT INVALID_FIELD INVALID_INPUT INVALID_LOGIN
        INVALID_OPERATION_WITH_EXPIRED_PASSWORD INVALID_REPLICATION_DATE
        INVALID_REQUEST_HEADER
        INVALID_SESSION_ID INVALID_TYPE INVALID_TYPE_FOR_OPERATION JSON_PARSER_ERROR
        LOGIN_DURING_RESTRICTED_DOMAIN LOGIN_DURING_RESTRICTED_TIME
        MALFORMED_QUERY MALFORMED_REQUEST METHOD_NOT_ALLOWED NOT_ACCEPTABLE
        OPERATION_TOO_LARGE ORG_LOCKED ORG_NOT_OWNED_BY_INSTANCE PASSWORD_LOCKOUT
        QUERY_TOO_COMPLICATED REQUEST_TOO_LARGE STORAGE_LIMIT_EXCEEDED TRIAL_EXPIRED
        UNSUPPORTED_API_VERSION UNSUPPORTED_CLIENT UNSUPPORTED_MEDIA_TYPE
    """,
}
CASES = [(code, kind) for kind, codes in CODES.items() for code in codes.split()]
# What it is says the status: after a read it is asked again, after a write not.
_BY_STATUS = {"UNKNOWN_EXCEPTION"}


def answer(
    code: str, message: str = "It went wrong.", status: int = 400
) -> SystemFault:
    """Return the fault of an error answer."""
    body = [{"message": message, "errorCode": code}]
    return salesforce.classify(httpx.Response(status, json=body), wrote=True)


@pytest.mark.parametrize(("code", "kind"), CASES)
def test_a_code_asks_for_its_reaction(code: str, kind: type[SystemFault]) -> None:
    """Whatever the status: Salesforce answers most of them with 400."""
    assert type(answer(code)) is kind


def test_no_code_has_a_reaction_that_nobody_thought_about() -> None:
    """The module's table and the list here are the same codes."""
    assert set(salesforce.ERRORS) == {code for code, _ in CASES}


def test_every_code_that_the_sandbox_answers_is_known() -> None:
    """No answer of the stand-in falls through to its status by chance."""
    folder = Path(sandbox.salesforce.__file__).parent
    code = re.compile(r'Refused\(\s*"(\w+)"|\d{3}: "([A-Z_]+)"')
    answered = {
        first or second
        for path in folder.rglob("*.py")
        for first, second in code.findall(path.read_text())
    }

    assert len(answered) > 30
    assert answered - _BY_STATUS <= set(salesforce.ERRORS)


def test_too_many_calls_at_once_are_not_the_days_calls() -> None:
    """Both have one code; only the day's are gone for hours."""
    day = answer("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
    now = answer(
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        403,
    )

    assert (day.retry_after, now.retry_after) == (3600, None)
