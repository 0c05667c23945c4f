"""Zendesk: support, read through the incremental exports.

The exports go by the time Zendesk generated a record, which is never before its
`updated_at`, and they contain deleted records. They leave out the last minute.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx

from ingestion.auth import basic
from ingestion.budget import Limits
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    naming,
    reaction,
)
from ingestion.paging import follow
from ingestion.rest import Rest, retry_after
from ingestion.streams import (
    Arrival,
    Batch,
    Column,
    Document,
    Stream,
    instant,
    key,
    text,
)
from ingestion.windows import Window

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


def _stream(name: str, object_name: str, *columns: Column, is_deleted: Any) -> Stream:
    return Stream(
        name,
        object_name,
        (
            *columns,
            instant("created_at", "created_at"),
            instant("updated_at", "updated_at"),
        ),
        deletes="told",
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


def read(rest: Rest, since: Mapping[str, datetime]) -> Iterator[Arrival]:
    """Yield organizations, users and tickets generated since the given moments."""
    with naming("organization"):
        for page in _by_time(rest, "organizations", since):
            yield Batch("organizations", page)
    for name in ("users", "tickets"):
        with naming(name.removesuffix("s")):
            for page in _by_cursor(rest, name, since):
                yield Batch(name, page)


def _start(name: str, since: Mapping[str, datetime]) -> int:
    start = since.get(name)
    return 0 if start is None else int(start.timestamp())


def _by_time(
    rest: Rest, name: str, since: Mapping[str, datetime]
) -> Iterator[list[Any]]:
    """Follow an export whose next page begins where the last record's second ended."""

    def page(place: int | None) -> tuple[list[Any], int | None]:
        start = _start(name, since) if place is None else place
        path = f"/api/v2/incremental/{name}"
        answer = rest.parsed(rest.get(path, {"start_time": start, "per_page": PAGE}))
        last = answer["end_of_stream"]
        return answer[name], None if last else answer["end_time"]

    yield from follow(rest.system, name, page)


def _by_cursor(
    rest: Rest, name: str, since: Mapping[str, datetime]
) -> Iterator[list[Any]]:
    """Follow an export by its opaque cursor."""

    def page(cursor: str | None) -> tuple[list[Any], str | None]:
        asked: dict[str, Any] = {"per_page": PAGE}
        if cursor is None:
            asked["start_time"] = _start(name, since)
        else:
            asked["cursor"] = cursor
        answer = rest.parsed(rest.get(f"/api/v2/incremental/{name}/cursor", asked))
        last = answer["end_of_stream"]
        return answer[name], None if last else answer["after_cursor"]

    yield from follow(rest.system, name, page)


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
