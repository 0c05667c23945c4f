"""Errors: what Salesforce's codes ask the caller to do next.

The codes are those of the REST API guide ("Status Codes and Error Responses"), of the
SOAP API guide's ExceptionCode and StatusCode, which REST answers with too, and of the
Bulk API 2.0 guide; those of other products (e-mail, portals, packages, metadata) never
answer what we ask. What is not listed is judged by its status.
"""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    reaction,
)
from ingestion.transport.rest import retry_after

# Seconds: the day's calls are spent, and the window that frees them is 24 hours long.
_QUOTA_WAIT = 3600.0

_BUSY = (
    "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE",
    "ORG_IN_MAINTENANCE",
    "QUERY_TIMEOUT",
    "REALTIME_PROCESSING_TIME_EXCEEDED",
    "REQUEST_LIMIT_EXCEEDED",
    "REQUEST_RUNNING_TOO_LONG",
    "SERVER_UNAVAILABLE",
    "TOO_MANY_APEX_REQUESTS",
    "TXN_SECURITY_METERING_ERROR",
    "UNABLE_TO_LOCK_ROW",
    # Other parts of the same call failed; this one was not tried.
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "BATCH_PROCESSING_HALTED",
    "PROCESSING_HALTED",
    # A bulk job is in another state than the one in which it can be asked that.
    "INVALIDJOBSTATE",
)
_CHANGED = (
    "ALREADY_IN_PROCESS",
    "DUPLICATES_DETECTED",
    "DUPLICATE_EXTERNAL_ID",
    "DUPLICATE_VALUE",
    "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE",
    "ENTITY_IS_DELETED",
    "ENTITY_IS_LOCKED",
    "PRECONDITION_FAILED",
    # What a query found expired while it was read: it is asked anew.
    "INVALID_QUERY_LOCATOR",
)
_UNFIT = (
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "CANNOT_UPDATE_CONVERTED_LEAD",
    "CIRCULAR_DEPENDENCY",
    "DELETE_FAILED",
    "DEPENDENCY_EXISTS",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "FIELD_FILTER_VALIDATION_EXCEPTION",
    "FIELD_INTEGRITY_EXCEPTION",
    "FILTERED_LOOKUP_LIMIT_EXCEEDED",
    "INACTIVE_OWNER_OR_USER",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "INVALID_CROSS_REFERENCE_KEY",
    "INVALID_CURRENCY_ISO",
    "INVALID_EMAIL_ADDRESS",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INVALID_ID_FIELD",
    "INVALID_OPERATION",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    # An id that is none, in a condition of a query.
    "INVALID_QUERY_FILTER_OPERATOR",
    "INVALID_STATUS",
    "INVALID_TYPE_ON_FIELD_IN_RECORD",
    "InvalidBatch",
    "LIMIT_EXCEEDED",
    "MALFORMED_ID",
    "MISSING_ARGUMENT",
    "MISSING_RECORD",
    "NOT_FOUND",
    "NUMBER_OUTSIDE_VALID_RANGE",
    "REQUIRED_FIELD_MISSING",
    "STRING_TOO_LONG",
    "TRANSFER_REQUIRES_READ",
    # More changed than one answer of `updated` or `deleted` lists.
    "EXCEEDED_ID_LIMIT",
)
_CLOSED = (
    "API_CURRENTLY_DISABLED",
    "API_DISABLED_FOR_ORG",
    "CLIENT_NOT_ACCESSIBLE_FOR_USER",
    "CLIENT_REQUIRE_UPDATE_FOR_USER",
    "EXCEEDED_QUOTA",
    "FUNCTIONALITY_NOT_ENABLED",
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INVALID_AUTH_HEADER",
    "INVALID_CLIENT",
    "INVALID_LOGIN",
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
    "INVALID_SESSION_ID",
    "LOGIN_DURING_RESTRICTED_DOMAIN",
    "LOGIN_DURING_RESTRICTED_TIME",
    "ORG_LOCKED",
    "ORG_NOT_OWNED_BY_INSTANCE",
    "PASSWORD_LOCKOUT",
    "STORAGE_LIMIT_EXCEEDED",
    "TRIAL_EXPIRED",
    # We speak otherwise than Salesforce: it is the same for every record.
    "API_ERROR",
    "EXCEEDED_MAX_SIZE_REQUEST",
    "EXCEEDED_MAX_SOBJECTS",
    "ILLEGAL_QUERY_PARAMETER_VALUE",
    "INVALIDJOB",
    "INVALID_BATCH_SIZE",
    "INVALID_FIELD",
    "INVALID_INPUT",
    "INVALID_REPLICATION_DATE",
    "INVALID_REQUEST_HEADER",
    "INVALID_TYPE",
    "INVALID_TYPE_FOR_OPERATION",
    "JSON_PARSER_ERROR",
    "MALFORMED_QUERY",
    "MALFORMED_REQUEST",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "OPERATION_TOO_LARGE",
    "QUERY_TOO_COMPLICATED",
    "REQUEST_TOO_LARGE",
    "UNSUPPORTED_API_VERSION",
    "UNSUPPORTED_CLIENT",
    "UNSUPPORTED_MEDIA_TYPE",
)
ERRORS: Mapping[str, type[SystemFault]] = {
    **dict.fromkeys(_BUSY, Transient),
    **dict.fromkeys(_CHANGED, Conflict),
    **dict.fromkeys(_UNFIT, Rejected),
    **dict.fromkeys(_CLOSED, Refused),
}
_COLUMN = re.compile(r"No such column '([^']+)'(?: on \w+ '?(\w+)'?)?")
_OBJECT = re.compile(r"sObject type '(\w+)' is not supported")


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, a JSON list with one entry per error, into a fault."""
    status = response.status_code
    error = _first_error(response)
    code = error.get("errorCode")
    message = str(error.get("message") or f"the answer was status {status}").strip()
    # 300: an external id names several records, so a plan made by it is wrong.
    several = status == httpx.codes.MULTIPLE_CHOICES
    kind = Conflict if several else ERRORS.get(str(code))
    fault = (kind or reaction(status, wrote=wrote))("salesforce", message.rstrip("."))
    fault.code = code
    fault.status = status
    fault.retry_after = retry_after(response)
    # The same code says that too many long calls run at once: that is soon over.
    if code == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" not in message:
        fault.retry_after = _QUOTA_WAIT
    if column := _COLUMN.search(message):
        fault.field, fault.object = column[1], column[2]
    elif unknown := _OBJECT.search(message):
        fault.object = unknown[1]
    elif fields := error.get("fields"):
        fault.field = str(fields[0])
    if code in {"INVALID_FIELD", "INVALID_TYPE"}:
        # The first line of such a message quotes the whole query.
        fault.reason = f"{fault.field or fault.object or 'a name'} is not known there"
        fault.next_step = (
            "check that the object and the field exist and that the credential's user"
            " may see them, then run again"
        )
    return fault


def _first_error(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    first = answer[0] if isinstance(answer, list) and answer else {}
    return first if isinstance(first, dict) else {}
