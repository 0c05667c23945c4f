"""Codes: what each vendor documents that it answers to a write, and what follows.

Written from the vendors' documentation, not from our tables. Status 200 stands for an
answer that tells the error of one record among others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
)

Row = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Codes:
    """A vendor's errors: how a code comes, and the codes by their reaction."""

    body: Callable[[int, str], Any]
    rows: Mapping[type[SystemFault], tuple[Row, ...]]


def _salesforce(status: int, code: str) -> Any:
    error = {"message": "No.", "fields": ["Name"]}
    if status == 200:
        row = {"success": False, "errors": [{**error, "statusCode": code}]}
        return [row]
    return [{**error, "errorCode": code}]


def _hubspot(status: int, code: str) -> Any:
    error = {"status": "error", "category": code, "message": "No.", "errors": []}
    if status == 200:
        told = {**error, "context": {"objectWriteTraceId": ["change"]}}
        return {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [told]}
    return error


def _stripe(_status: int, code: str) -> Any:
    return {"error": {"type": code, "code": code, "message": "No.", "param": "name"}}


def _chargebee(status: int, code: str) -> Any:
    kind = "operation_failed" if status >= 500 else "invalid_request"
    return {"message": "No.", "type": kind, "api_error_code": code}


def _zendesk(status: int, code: str) -> Any:
    if status == 200:
        row = {"index": 0, "id": 1, "error": code, "details": "No."}
        job = {"id": "1", "status": "completed", "total": 1, "results": [row]}
        return {"job_status": job}
    return {"error": code, "description": "No."}


def _netsuite(status: int, code: str) -> Any:
    detail = {"detail": "No.", "o:errorCode": code}
    return {"title": "No", "status": status, "o:errorDetails": [detail]}


def _business_central(status: int, code: str) -> Any:
    error = {"error": {"code": code, "message": "No."}}
    if status == 200:
        part = {"id": "change", "status": 400, "headers": {}, "body": error}
        return {"responses": [part]}
    return error


def _vitally(_status: int, code: str) -> Any:
    return {"error": code}


def _codes(
    body: Callable[[int, str], Any],
    rows: Mapping[type[SystemFault], str],
) -> Codes:
    """Read rows: `status CODE CODE, status CODE`."""
    found: dict[type[SystemFault], tuple[Row, ...]] = {}
    for kind, text in rows.items():
        groups = [group.split() for group in text.split(",")]
        found[kind] = tuple(
            (int(status), code) for status, *codes in groups for code in codes or [""]
        )
    return Codes(body, found)


CODES: Mapping[str, Codes] = {
    "salesforce": _codes(
        _salesforce,
        {
            Transient: "200 UNABLE_TO_LOCK_ROW ALL_OR_NONE_OPERATION_ROLLED_BACK,"
            " 503 SERVER_UNAVAILABLE, 400 QUERY_TIMEOUT, 403 REQUEST_LIMIT_EXCEEDED",
            Unknown: "500 UNKNOWN_EXCEPTION, 502, 504",
            Conflict: "412 PRECONDITION_FAILED, 300, 200 ENTITY_IS_DELETED"
            " ENTITY_IS_LOCKED DUPLICATES_DETECTED DUPLICATE_VALUE",
            Rejected: "200 REQUIRED_FIELD_MISSING FIELD_CUSTOM_VALIDATION_EXCEPTION"
            " STRING_TOO_LONG INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST MALFORMED_ID"
            " INVALID_CROSS_REFERENCE_KEY CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
            # What one record is refused is that record's matter.
            " INVALID_FIELD INSUFFICIENT_ACCESS_OR_READONLY",
            Refused: "401 INVALID_SESSION_ID, 400 INVALID_TYPE,"
            " 403 INSUFFICIENT_ACCESS API_DISABLED_FOR_ORG STORAGE_LIMIT_EXCEEDED",
        },
    ),
    "hubspot": _codes(
        _hubspot,
        {
            Transient: "429 RATE_LIMITS, 423 LOCKED, 477 MIGRATION_IN_PROGRESS, 503",
            Unknown: "500, 502, 504",
            Conflict: "409 CONFLICT, 200 CONFLICT OBJECT_ALREADY_EXISTS",
            Rejected: "400 VALIDATION_ERROR, 404 OBJECT_NOT_FOUND, 200 VALIDATION_ERROR"
            " OBJECT_NOT_FOUND PROPERTY_DOESNT_EXIST",
            Refused: "401 EXPIRED_AUTHENTICATION INVALID_AUTHENTICATION,"
            " 403 MISSING_SCOPES",
        },
    ),
    "stripe": _codes(
        _stripe,
        {
            Transient: "409 lock_timeout idempotency_key_in_use, 429 rate_limit"
            " lock_timeout",
            # What was answered is kept under the key, a 503 too: another key is needed.
            Unknown: "500 api_error, 502, 503, 504, 400 idempotency_error",
            Rejected: "400 invalid_request_error parameter_unknown, 402 card_error,"
            " 404 resource_missing",
            Refused: "401 invalid_request_error api_key_expired, 403",
        },
    ),
    "chargebee": _codes(
        _chargebee,
        {
            Transient: "429 api_request_limit_exceeded, 409 lock_timeout,"
            " 503 site_read_only_mode internal_temporary_error",
            Unknown: "500 internal_error, 502, 504",
            Conflict: "400 duplicate_entry",
            Rejected: "400 param_wrong_value invalid_request invalid_state_for_request"
            " resource_limit_exceeded, 404 resource_not_found,"
            " 402 payment_processing_failed",
            Refused: "401 api_authentication_failed, 403 api_authorization_failed,"
            " 404 site_not_found",
        },
    ),
    "zendesk": _codes(
        _zendesk,
        {
            Transient: "429 TooManyJobs, 503",
            Unknown: "500, 502, 504",
            Conflict: "409 Conflict",
            Rejected: "422 RecordInvalid, 404 RecordNotFound, 200 RecordInvalid",
            Refused: "401, 403 Forbidden",
        },
    ),
    "netsuite": _codes(
        _netsuite,
        {
            Transient: "429 CONCURRENCY_LIMIT_EXCEEDED",
            Unknown: "500 UNEXPECTED_ERROR, 400 IDEMPOTENCY_ERROR, 502, 504",
            Conflict: "400 RCRD_HAS_BEEN_CHANGED DUP_RCRD DUP_ENTITY DUP_ITEM",
            Rejected: "400 INVALID_CONTENT USER_ERROR INVALID_KEY_OR_REF,"
            " 404 NONEXISTENT_ID",
            Refused: "403 INSUFFICIENT_PERMISSION FEATURE_DISABLED, 401 INVALID_LOGIN",
        },
    ),
    "business_central": _codes(
        _business_central,
        {
            Transient: "429, 503, 503 Internal_TenantUnavailable",
            Unknown: "408, 500 Internal_ServerError, 504",
            Conflict: "200 Request_EntityChanged BadRequest_InvalidToken"
            " Internal_EntityWithSameKeyExists",
            Rejected: "200 BadRequest BadRequest_RequiredParamNotProvided"
            " Internal_RecordNotFound Internal_InvalidTableRelation"
            " Application_DialogException Application_FieldValidationException"
            " Application_StringExceededLength BadRequest_NotFound",
            Refused: "401 Authentication_InvalidCredentials, 403 Authorization_Denied,"
            " 404 Internal_CompanyNotFound",
        },
    ),
    "vitally": _codes(
        _vitally,
        {
            Transient: "429, 503",
            Unknown: "500, 502, 504",
            Conflict: "409",
            Rejected: "400, 404, 422",
            Refused: "401, 403",
        },
    ),
}
