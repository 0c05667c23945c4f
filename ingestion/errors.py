"""Errors: what a system's answer asks the caller to do next.

SystemFault
 ├─ Transient   try again later: the system is busy, slow or away
 ├─ Unknown     read before anything else: it was sent, the outcome is not known
 ├─ Conflict    plan again: the record changed after we looked
 ├─ Rejected    ask a person: the system understood and said no
 └─ Refused     stop this system: it no longer lets us in, or speaks otherwise
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import Any, ClassVar

from ingestion.transport.redaction import redacted


@dataclass(eq=False, repr=False)
class SystemFault(Exception):  # noqa: N818 -- its kinds are reactions, not errors
    """What went wrong in which system, and what to do about it.

    `reason` and `next_step` are written as the two halves of one sentence: they
    start in lower case and end without a full stop.
    """

    system: str
    reason: str
    next_step: str = ""
    object: str | None = None
    record_id: str | None = None
    field: str | None = None
    code: str | None = None  # the vendor's own error code
    status: int | None = None  # the HTTP status, None when no answer came
    retry_after: float | None = None  # seconds the system asked us to wait

    usual_step: ClassVar[str] = "look into the system"

    def __str__(self) -> str:
        """Say it in one sentence: where, what, and the next step."""
        where = [self.system, self.object, self.record_id]
        place = " ".join(word for word in where if word)
        if self.field:
            place += f", field {self.field}"
        return redacted(f"{place}: {self.reason}; {self.next_step or self.usual_step}.")

    def __repr__(self) -> str:
        """Show the kind and the sentence."""
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[type["SystemFault"], tuple[Any, ...]]:
        """Survive a trip between processes: exceptions pickle by position."""
        return type(self), tuple(getattr(self, each.name) for each in fields(self))


class Transient(SystemFault):
    """Try again later: the system is busy, slow or away."""

    usual_step = "the next run tries again"


class Unknown(SystemFault):
    """Read before anything else: the request was sent, its outcome is not known."""

    usual_step = "the record is read before anything is sent again"


class Conflict(SystemFault):
    """Plan again: the record changed after we looked."""

    usual_step = "make a new plan"


class Rejected(SystemFault):
    """Ask a person: the system understood and said no."""

    usual_step = "correct the record in the system, then let the change be retried"


class Refused(SystemFault):
    """Stop this system: it no longer lets us in, or no longer speaks as agreed."""

    usual_step = "check the credential and its permissions, then run again"


def reaction(status: int, *, wrote: bool) -> type[SystemFault]:
    """Return what an HTTP status alone asks for, where the vendor's code adds nothing.

    `wrote` tells a write from a read: a server that broke while it answered a read
    is asked again, one that broke during a write may have done it.
    """
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Refused
        case HTTPStatus.CONFLICT | HTTPStatus.PRECONDITION_FAILED:
            return Conflict
        case (
            HTTPStatus.LOCKED
            | HTTPStatus.TOO_MANY_REQUESTS
            | HTTPStatus.SERVICE_UNAVAILABLE
        ):
            return Transient
        case HTTPStatus.REQUEST_TIMEOUT:
            return Unknown if wrote else Transient
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unknown if wrote else Transient
        case _:
            return Rejected


@contextmanager
def naming(object_name: str, record_id: str | None = None) -> Iterator[None]:
    """Add the object, and the record, to a fault that does not name one yet."""
    try:
        yield
    except SystemFault as fault:
        fault.object = fault.object or object_name
        fault.record_id = fault.record_id or record_id
        raise
