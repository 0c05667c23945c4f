"""Chargebee's errors: which reaction each of its codes asks for."""

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

# By `api_error_code`: all of those in Chargebee's OpenAPI document (github.com/
# chargebee/openapi, components/schemas/400 to 503, MIT), save `internal_error`. A
# write that met that one may have been done, so its status decides.
ERRORS: Mapping[str, type[SystemFault]] = {
    "api_request_limit_exceeded": Transient,
    "third_party_api_request_limit_exceeded": Transient,
    # Another request holds the record; this one was not carried out.
    "lock_timeout": Transient,
    "db_connection_failure": Transient,
    "internal_temporary_error": Transient,
    "site_not_ready": Transient,
    "site_read_only_mode": Transient,
    # It is there already: the next plan sees it.
    "duplicate_entry": Conflict,
    "invalid_request": Rejected,
    "invalid_state_for_request": Rejected,
    "param_wrong_value": Rejected,
    "resource_limit_exceeded": Rejected,
    "resource_limit_exhausted": Rejected,
    "resource_not_found": Rejected,
    "unable_to_process_request": Rejected,
    "payment_gateway_currency_incompatible": Rejected,
    "payment_intent_invalid": Rejected,
    "payment_intent_invalid_amount": Rejected,
    "payment_method_not_present": Rejected,
    "payment_method_verification_failed": Rejected,
    "payment_processing_failed": Rejected,
    "api_authentication_failed": Refused,
    "api_authorization_failed": Refused,
    "basic_authentication_failed": Refused,
    "configuration_incompatible": Refused,
    "http_method_not_supported": Refused,
    "request_blocked": Refused,
    "site_not_found": Refused,
}
# Of a code that is new, the type still says whose turn it is. `operation_failed` says
# nothing that the status does not.
TYPES: Mapping[str, type[SystemFault]] = {
    "payment": Rejected,
    "invalid_request": Rejected,
    "ubb_batch_ingestion_invalid_request": Rejected,
}
# A read sends nothing of a person's: what is wrong with it is our question.
_OUR_QUESTION = {"invalid_request", "param_wrong_value"}


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, `{message, type, api_error_code, param}`, into a fault.

    Chargebee's gateway answers with a web page; then the status decides.
    """
    status = response.status_code
    answer = _answer(response)
    code = answer.get("api_error_code")
    message = str(answer.get("message") or f"the answer was status {status}").strip()
    kind = ERRORS.get(str(code))
    if kind is None and status < httpx.codes.INTERNAL_SERVER_ERROR:
        kind = TYPES.get(str(answer.get("type")))
    step = ""
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        step = "check CHARGEBEE_API_KEY and what it may read and write, then run again"
    elif code == "site_not_found":
        step = "check CHARGEBEE_URL, then run again"
    elif not wrote and code in _OUR_QUESTION:
        kind = Refused
        step = "check that the site's API still knows this parameter, then run again"
    return (kind or reaction(status, wrote=wrote))(
        "chargebee",
        message.rstrip("."),
        step,
        field=answer.get("param"),
        code=None if code is None else str(code),
        status=status,
        retry_after=retry_after(response),
    )


def _answer(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
