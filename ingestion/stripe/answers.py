"""Answers: what each of Stripe's errors asks for."""

from collections.abc import Mapping
from typing import Any

import httpx

from ingestion.errors import (
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
    reaction,
)
from ingestion.transport.rest import retry_after

MISSING = "resource_missing"

# By the error's code, or its type where it has no code of ours. The other two types,
# api_error and invalid_request_error, say no more than their status.
ERRORS: Mapping[str, type[SystemFault]] = {
    "lock_timeout": Transient,
    "rate_limit": Transient,
    "idempotency_key_in_use": Transient,
    # Parameters differ from those first sent with the key: that first one may be done.
    "idempotency_error": Unknown,
    "parameter_unknown": Refused,
    "api_key_expired": Refused,
    MISSING: Rejected,
    "card_error": Rejected,
}


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, `{"error": {type, code, message, param}}`, into a fault."""
    status = response.status_code
    error = _error(response)
    code = error.get("code") or error.get("type")
    message = str(error.get("message") or f"the answer was status {status}").strip()
    kind = ERRORS.get(str(error.get("code"))) or ERRORS.get(str(error.get("type")))
    if kind is None and status == httpx.codes.CONFLICT:
        # Not a changed record, Stripe has no such check: another request holds it.
        kind = Transient
    return (kind or reaction(status, wrote=wrote))(
        "stripe",
        message.rstrip("."),
        "check STRIPE_API_KEY and what it may read and write, then run again"
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
        else "",
        field=error.get("param"),
        code=code,
        status=status,
        retry_after=retry_after(response),
    )


def is_missing(fault: SystemFault) -> bool:
    """Tell whether the object that was asked for by its id is not there."""
    return fault.status == httpx.codes.NOT_FOUND and fault.code == MISSING


def _error(response: httpx.Response) -> dict[str, Any]:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
