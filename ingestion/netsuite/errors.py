"""NetSuite's errors, and what each asks of whoever asked."""

import re
from collections.abc import Mapping

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
from ingestion.transport.signals import retry_after

ERRORS: Mapping[str, type[SystemFault]] = {
    "CONCURRENCY_LIMIT_EXCEEDED": Transient,
    "SSS_REQUEST_LIMIT_EXCEEDED": Transient,
    "WS_REQUEST_BLOCKED": Transient,
    # The job was sent before under this key; what became of it is to be read.
    "IDEMPOTENCY_ERROR": Unknown,
    "RCRD_HAS_BEEN_CHANGED": Conflict,
    "INVALID_CONTENT": Rejected,
    "USER_ERROR": Rejected,
    "NONEXISTENT_ID": Rejected,
    "INVALID_KEY_OR_REF": Rejected,
    "INSUFFICIENT_PERMISSION": Refused,
    "FEATURE_DISABLED": Refused,
    "INVALID_LOGIN": Refused,
}
_COLUMN = re.compile(r"[Ff]ield '(\w+)' for record '(\w+)'")
_UNKNOWN = re.compile(
    r"Unknown identifier '(\w+)'(?:\. Available identifiers are: \{\w+=(\w+)\})?"
)


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, `{"o:errorDetails": [{detail, …}]}`, into a fault."""
    status = response.status_code
    try:
        answer = response.json()
        first = answer["o:errorDetails"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        first = {}
    code = first.get("o:errorCode")
    message = str(first.get("detail") or f"the answer was status {status}").strip()
    kind = ERRORS.get(str(code))
    if kind is None and str(code).startswith("DUP_"):
        kind = Conflict
    fault = (kind or reaction(status, wrote=wrote))("netsuite", message.rstrip("."))
    fault.code = code
    fault.status = status
    fault.field = first.get("o:errorPath")
    fault.retry_after = retry_after(response)
    if not wrote and code == "INVALID_PARAMETER":
        fault = _query_fault(fault, message)
    return fault


def _query_fault(fault: SystemFault, message: str) -> SystemFault:
    """Say which column of our query NetSuite does not know."""
    column = _COLUMN.search(message) or _UNKNOWN.search(message)
    refused = Refused(
        fault.system,
        f"the query was not understood ({message.rstrip('.')[:200]})",
        "check that the field exists and that the role of the credential may see it,"
        " then run again",
        code=fault.code,
        status=fault.status,
    )
    if column:
        refused.field = column[1]
        refused.reason = f"{column[1]} is not known there"
        refused.object = column[2]
    return refused
