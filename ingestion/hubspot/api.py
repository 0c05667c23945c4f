"""HubSpot's API: its address, its limits, and what its errors ask for."""

import re
from collections.abc import Mapping
from datetime import timedelta
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
from ingestion.transport.answers import answered_at
from ingestion.transport.auth import bearer
from ingestion.transport.budget import LONGEST_PAUSE_SECONDS, Limits
from ingestion.transport.rest import Rest, retry_after
from ingestion.transport.windows import Window

# Paths carry the date of their version; v1 to v4 end in 2027
# (developers.hubspot.com, legacy migration guide).
VERSION = "2026-09"
REQUIRED = ("HUBSPOT_ACCESS_TOKEN",)
DEFAULT_URL = "https://api.hubapi.com"

_USAGE = "developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines"
LIMITS = Limits(
    (
        # The smallest plan's figures (Professional and Enterprise 190, with the paid
        # increase 250; 625,000 and 1,000,000 a day); the first answer's headers tell
        # the account's, save those of searches, which tell nothing.
        Window("interval", 100, 10.0, _USAGE, reserve=0.1),
        Window("day", 250_000, 86_400.0, _USAGE, reserve=0.1),
        Window("second of searches", 5, 1.0, _USAGE, paths=r"/search$"),
    ),
    concurrency=10,
    source="our choice: none is documented, and a list is read one page at a time",
)

MIGRATING = 477  # the account moves between data centres; not in HTTP's catalogue


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return HubSpot's API; the credential is a service key or a private app's token.

    Raises:
        Refused: the address cannot be used.
    """
    return Rest(
        "hubspot",
        environ.get("HUBSPOT_URL") or DEFAULT_URL,
        bearer(environ["HUBSPOT_ACCESS_TOKEN"]),
        classify,
        limits=LIMITS,
        transport=transport,
    )


# By the code of the first error in it, or the answer's category. The names of 405, 415
# and 423 are believed, unverified; the others stand in developers.hubspot.com's
# pages on errors and in answers that users of the API have published.
ERRORS: Mapping[str, type[SystemFault]] = {
    "RATE_LIMIT": Transient,
    "RATE_LIMITS": Transient,
    "LOCKED": Transient,
    "MIGRATION_IN_PROGRESS": Transient,
    "CONFLICT": Conflict,
    "OBJECT_ALREADY_EXISTS": Conflict,
    "VALIDATION_ERROR": Rejected,
    "OBJECT_NOT_FOUND": Rejected,
    "PROPERTY_DOESNT_EXIST": Refused,
    "MISSING_SCOPES": Refused,
    "USER_DOES_NOT_HAVE_PERMISSIONS": Refused,
    "INVALID_AUTHENTICATION": Refused,
    "EXPIRED_AUTHENTICATION": Refused,
    "METHOD_NOT_ALLOWED": Refused,
    "UNSUPPORTED_MEDIA_TYPE": Refused,
}
# Where an answer lists no errors, its sentence may hold them as JSON; believed.
_IN_SENTENCE = re.compile(r'"error":"(?P<code>\w+)".*?"name":"(?P<field>\w+)"')
_SCOPES = ("requiredGranularScopes", "requiredScopes")


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, `{status, message, category, errors}`, into a fault."""
    status = response.status_code
    try:
        answer = response.json()
    except ValueError:
        answer = {}
    kind = Transient if status == MIGRATING else reaction(status, wrote=wrote)
    fault = told(answer if isinstance(answer, dict) else {}, kind)
    fault.status = status
    fault.retry_after = retry_after(response)
    if isinstance(answer, dict) and answer.get("policyName") == "DAILY":
        fault.retry_after = _until_midnight(response)
    if not fault.reason:
        fault.reason = f"the answer was status {status}"
    if status == httpx.codes.UNAUTHORIZED:
        fault.next_step = "check HUBSPOT_ACCESS_TOKEN, then run again"
    return fault


def told(answer: Mapping[str, Any], otherwise: type[SystemFault]) -> SystemFault:
    """Return what an error says: a whole answer, or one entry of a batch's `errors`.

    `otherwise` is the kind where no code or category is known.
    """
    message = str(answer.get("message") or "").strip()
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    first = first if isinstance(first, dict) else {}
    said = _IN_SENTENCE.search(message)
    codes = [
        first.get("code"),
        said["code"] if said else None,
        answer.get("category"),
        answer.get("errorType"),
    ]
    code = next((str(each) for each in codes if each in ERRORS), None)
    named = next((str(each) for each in codes if each), None)
    scopes = next((found for n in _SCOPES if (found := _first(first, n))), None)
    fault = (ERRORS[code] if code else otherwise)(
        "hubspot",
        message.rstrip("."),
        f"grant the app {scopes}, then run again" if scopes else "",
        field=_first(first, "propertyName")
        or _first(answer, "propertyName")
        or (said["field"] if said else None),
        code=code or named,
    )
    return fault  # noqa: RET504 -- the name says what the call makes


def _first(error: Mapping[str, Any], name: str) -> str | None:
    """Return the first value that an error's context has under a name."""
    context = error.get("context")
    values = context.get(name) if isinstance(context, dict) else None
    return str(values[0]) if isinstance(values, list) and values else None


def _until_midnight(response: httpx.Response) -> float:
    """Return the seconds until the day's calls are there again.

    The day ends at midnight where the account is; no answer tells where, so it is
    taken to be UTC. It is never so short that the same run would ask again.
    """
    now = answered_at(response)
    tomorrow = (now + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return max((tomorrow - now).total_seconds(), 2 * LONGEST_PAUSE_SECONDS)
