"""Zendesk: support, read through the incremental exports.

The exports go by the time Zendesk generated a record, which is never before its
`updated_at`, and they contain deleted records. They leave out the last minute.
"""

from collections.abc import Mapping, Sequence
from functools import partial
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
from ingestion.readings import Batch, Document, Gone, Known, Page, Reading, Step
from ingestion.streams import Column, Stream, instant, key, text
from ingestion.transport.auth import basic
from ingestion.transport.budget import Limits
from ingestion.transport.rest import Rest, retry_after
from ingestion.transport.windows import Window

REQUIRED = ("ZENDESK_URL", "ZENDESK_EMAIL", "ZENDESK_API_TOKEN")

_RATES = "developer.zendesk.com/api-reference/introduction/rate-limits"
LIMITS = Limits(
    (
        # The smallest plan's figure (Team 200, Growth and Professional 400, Enterprise
        # 700, Enterprise Plus 2,500); the first answer's header tells the account's.
        Window("minute", 200, 60.0, _RATES, reserve=0.1),
        Window("incremental-exports", 10, 60.0, _RATES, paths=r"/api/v2/incremental/"),
    ),
    concurrency=10,
    source="our choice: none is documented, and exports are read one page at a time",
)

# The most records an export puts into one page.
PAGE = 1000
# The most records that `show_many` shows.
SHOWN = 100


def _stream(name: str, object_name: str, *columns: Column, is_deleted: Any) -> Stream:
    return Stream(
        name,
        object_name,
        (
            *columns,
            instant("created_at", "created_at"),
            instant("updated_at", "updated_at"),
        ),
        cursor="updated_at",
        is_deleted=is_deleted,
    )


def _first_domain(organization: Document) -> Any:
    names = organization["domain_names"]
    return names[0] if names else None


STREAMS = (
    _stream(
        "organizations",
        "organization",
        text("name", "name"),
        text("external_id", "external_id"),
        text("domain_name", _first_domain),
        text("support_tier", "organization_fields.support_tier"),
        is_deleted=lambda document: document.get("deleted_at") is not None,
    ),
    _stream(
        "users",
        "user",
        text("name", "name"),
        text("email", "email"),
        key("organization_id", "organization_id"),
        text("role", "role"),
        # A deleted user stays in the export, without a right to sign in.
        is_deleted=lambda document: document.get("active") is False,
    ),
    _stream(
        "tickets",
        "ticket",
        key("organization_id", "organization_id"),
        key("requester_id", "requester_id"),
        text("status", "status"),
        text("priority", "priority"),
        text("subject", "subject"),
        is_deleted=lambda document: document.get("status") == "deleted",
    ),
)


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return Zendesk's API; the credential is an agent's address and an API token."""
    return Rest(
        "zendesk",
        environ["ZENDESK_URL"],
        basic(f"{environ['ZENDESK_EMAIL']}/token", environ["ZENDESK_API_TOKEN"]),
        classify,
        limits=LIMITS,
        transport=transport,
    )


def readings(known: Known) -> tuple[Reading, ...]:
    """Return the exports: what Zendesk generated since, deleted records included.

    An organization tells of its deletion like a ticket and a user do, so nothing has
    to be listed.
    """
    del known
    return (
        Reading("organizations", ("organizations",), _organizations),
        Reading("users", ("users",), partial(_by_cursor, "users")),
        Reading("tickets", ("tickets",), partial(_by_cursor, "tickets")),
    )


def named(stream: str, ids: Sequence[str]) -> Reading:
    """Return the walk over records by identifier, a hundred in one call."""
    return Reading(f"{stream} by id", (stream,), partial(_shown, stream, tuple(ids)))


def _start(step: Step) -> int:
    return 0 if step.since is None else int(step.since.timestamp())


def _organizations(step: Step) -> Page:
    """Read an export whose next page begins where the last record's second ended."""
    start = _start(step) if step.place is None else step.place
    asked = {"start_time": start, "per_page": PAGE}
    answer = step.rest.parsed(step.rest.get("/api/v2/incremental/organizations", asked))
    found = answer["organizations"]
    if answer["count"] != len(found):
        raise Transient(
            step.rest.system,
            f"it announced {answer['count']} records and gave {len(found)}",
        )
    last = answer["end_of_stream"]
    return Page([Batch("organizations", found)], None if last else answer["end_time"])


def _by_cursor(name: str, step: Step) -> Page:
    """Read an export by its opaque cursor."""
    asked: dict[str, Any] = {"per_page": PAGE}
    if step.place is None:
        asked["start_time"] = _start(step)
    else:
        asked["cursor"] = step.place
    path = f"/api/v2/incremental/{name}/cursor"
    answer = step.rest.parsed(step.rest.get(path, asked))
    last = answer["end_of_stream"]
    return Page([Batch(name, answer[name])], None if last else answer["after_cursor"])


def _shown(name: str, ids: tuple[str, ...], step: Step) -> Page:
    """Read a hundred records by identifier; what is not shown is deleted."""
    first = int(str(step.place or 0))
    wanted = ids[first : first + SHOWN]
    path = f"/api/v2/{name}/show_many"
    answer = step.rest.parsed(step.rest.get(path, {"ids": ",".join(wanted)}))
    shown = {str(each["id"]) for each in answer[name]}
    after = first + SHOWN
    return Page(
        [
            Batch(name, answer[name]),
            Gone(name, [each for each in wanted if each not in shown]),
        ],
        after if after < len(ids) else None,
    )


ERRORS: Mapping[str, type[SystemFault]] = {
    "TooManyJobs": Transient,
    "DatabaseConflict": Conflict,
    "RecordInvalid": Rejected,
    "RecordNotFound": Rejected,
    "Couldn't authenticate you": Refused,
}


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, `{error, description, details}`, into a fault."""
    status = response.status_code
    try:
        answer = response.json()
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    error = answer.get("error")
    if isinstance(error, dict):  # some endpoints say {"error": {title, message}}
        code, said = error.get("title"), error.get("message")
    else:
        code, said = error, answer.get("description")
    message = str(said or code or f"the answer was status {status}").strip()
    details = answer.get("details")
    return (ERRORS.get(str(code)) or reaction(status, wrote=wrote))(
        "zendesk",
        message.rstrip("."),
        "check ZENDESK_EMAIL and ZENDESK_API_TOKEN, then run again"
        if status == httpx.codes.UNAUTHORIZED
        else "",
        field=next(iter(details), None) if isinstance(details, dict) else None,
        code=None if code is None else str(code),
        status=status,
        retry_after=retry_after(response),
    )
