"""Business Central's errors: which reaction each of its codes asks for."""

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
    Unknown,
    reaction,
)
from ingestion.transport.rest import retry_after

# By the error's code: all that learn.microsoft.com lists under "Troubleshooting REST
# API/OData calls", save `Internal_ServerError` and `Unknown`: a write that met one of
# these may have been done.
ERRORS: Mapping[str, type[SystemFault]] = {
    "Internal_TenantUnavailable": Transient,
    "Request_EntityChanged": Conflict,
    # The version that was sent is none: the next plan reads it anew.
    "BadRequest_InvalidToken": Conflict,
    # It is there already: the next plan sees it.
    "Internal_EntityWithSameKeyExists": Conflict,
    "BadRequest": Rejected,
    "BadRequest_InvalidOperation": Rejected,
    "BadRequest_RequiredParamNotProvided": Rejected,
    "Internal_DataNotFoundFilter": Rejected,
    "Internal_InvalidTableRelation": Rejected,
    "Internal_RecordNotFound": Rejected,
    "Application_CallbackNotAllowed": Rejected,
    "Application_DialogException": Rejected,
    "Application_EvaluateException": Rejected,
    "Application_FieldValidationException": Rejected,
    "Application_FilterErrorException": Rejected,
    "Application_InvalidGUID": Rejected,
    "Application_StringExceededLength": Rejected,
    "BadRequest_InvalidRequestUrl": Refused,
    "BadRequest_MethodNotAllowed": Refused,
    "BadRequest_MethodNotImplemented": Refused,
    "BadRequest_NotFound": Refused,
    "BadRequest_ResourceNotFound": Refused,
    "Internal_CompanyNotFound": Refused,
    "Authentication_InvalidCredentials": Refused,
    # Operational limits: a page asks for more than 20,000 records.
    "RequestEntityTooLarge": Refused,
}
# A code that is new is of one of the families that the same page describes.
FAMILIES: Mapping[str, type[SystemFault]] = {
    "Authentication": Refused,
    "Authorization": Refused,
    "Application": Rejected,
    "BadRequest": Rejected,
    "Internal": Transient,
}
# The load decides, not what was asked: the code is then whatever layer was overrun.
_BY_LOAD = {httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS}
_TRACE = re.compile(r"\s*CorrelationId:\s*[0-9a-fA-F-]+\.?\s*$")
_PROPERTY = re.compile(
    r"property named '(\w+)'(?: on type 'Microsoft\.NAV\.(\w+)')?", re.IGNORECASE
)


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, `{"error": {code, message}}`, into a fault."""
    status = response.status_code
    error = _error(response)
    code = error.get("code")
    message = _TRACE.sub("", str(error.get("message") or "")).strip()
    kind = _kind(str(code), status, wrote=wrote)
    step, named = "", _PROPERTY.search(message)
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        step = (
            "check BUSINESS_CENTRAL_CLIENT_ID and BUSINESS_CENTRAL_CLIENT_SECRET, and"
            " the permission sets of the application in Business Central, then run"
            " again"
        )
    elif kind is Refused:
        step = (
            "check that the environment's version still has it and that the"
            " application may see it, then run again"
        )
    return kind(
        "business_central",
        message.rstrip(".") or f"the answer was status {status}",
        step,
        object=named[2] if named else None,
        field=named[1] if named else None,
        code=None if code is None else str(code),
        status=status,
        retry_after=retry_after(response),
    )


def _kind(code: str, status: int, *, wrote: bool) -> type[SystemFault]:
    if status in _BY_LOAD or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return ERRORS.get(code) or reaction(status, wrote=wrote)
    kind = ERRORS.get(code) or FAMILIES.get(code.partition("_")[0])
    if kind is None:
        return reaction(status, wrote=wrote)
    if kind is Transient and code not in ERRORS and wrote:
        return Unknown
    if kind is Rejected and code.startswith("BadRequest") and not wrote:
        # A read sends nothing of a person's: it is our question that is wrong.
        return Refused
    return kind


def _error(response: httpx.Response) -> dict[str, Any]:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
