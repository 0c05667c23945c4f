"""Answers: what is in them, when they were given, and those that are none."""

from datetime import UTC, datetime
from typing import Any

import httpx

from ingestion.errors import Refused, Transient
from ingestion.transport.documents import NotJsonError, document
from ingestion.transport.redaction import redacted
from ingestion.transport.signals import moment


def parsed(system: str, response: httpx.Response) -> Any:
    """Return the JSON of an answer; numbers with a fraction are exact decimals.

    Raises:
        Transient: it should be JSON and breaks off.
        Refused: the body is not JSON, as when a web page answers, or not such that
            everybody would read the same in it.
    """
    kind = response.headers.get("content-type", "no content type").split(";")[0]
    path, status = response.request.url.path, response.status_code
    try:
        return document(response.content)
    except NotJsonError as error:
        if "json" in kind and response.content[:1] != b"<":
            raise Transient(
                system,
                f"{path} answered JSON that breaks off or is not well-formed",
                status=status,
            ) from error
        raise Refused(
            system,
            f"{path} answered {kind[:60]} instead of JSON",
            f"check that {system.upper()}_URL is the address of the API and that no"
            " proxy or login page answers for it, then run again",
            status=status,
        ) from error
    except ValueError as error:
        raise Refused(
            system,
            f"{path} answered JSON that cannot be used: {redacted(str(error))}",
            "report it to the vendor; nothing of this reading was kept",
            status=status,
        ) from error


def redirected(system: str, response: httpx.Response) -> Refused:
    """Say where an answer wanted to lead a request that carries a credential."""
    host = response.headers["location"].partition("//")[2].partition("/")[0]
    return Refused(
        system,
        f"{response.request.url.path} answered with a redirect to"
        f" {host[:100] or 'another path'}, which is not followed with a credential",
        f"check that {system.upper()}_URL is the address of the API, then run again",
        status=response.status_code,
    )


def answered_at(response: httpx.Response) -> datetime:
    """Return the server's time of its answer; ours where it does not tell."""
    return moment(response.headers.get("date", "")) or datetime.now(UTC)
