"""Explain: any failure as one sentence that names what to do next."""

import errno
import sqlite3

import duckdb

from dashboard.published import PublicationError
from ingestion.errors import SystemFault
from operations.assignments import CannotAssignError
from operations.comments import CannotCommentError
from operations.decisions import CannotDecideError
from orchestration.build import BuildFailedError
from orchestration.channels import NotSentError
from orchestration.home import NotReadyError

FULL_DISK = (
    "The disk is full: free some space and start again; what was being written was "
    "rolled back."
)

LOCKED = (
    "Another program has the warehouse file open: close it (a notebook, a database "
    "viewer), or wait for the other run, and start again."
)


def explain(error: BaseException) -> str:  # noqa: PLR0911  # one per kind
    """Say what went wrong and what to do, from the failure or what caused it."""
    for cause in _causes(error):
        match cause:
            case (
                SystemFault()
                | NotReadyError()
                | NotSentError()
                | BuildFailedError()
                | PublicationError()
                | CannotAssignError()
                | CannotCommentError()
            ):
                return _sentence(str(cause))
            case CannotDecideError():
                return f"{_sentence(str(cause))} See `concord inbox`."
            case OSError(errno=errno.ENOSPC):
                return FULL_DISK
            case sqlite3.OperationalError() if "disk is full" in str(cause):
                return FULL_DISK
            case duckdb.Error() if "No space left" in str(cause):
                return FULL_DISK
            case duckdb.IOException() if "Could not set lock" in str(cause):
                return LOCKED
    return (
        f"{type(error).__name__}: {error}. Set CONCORD_DEBUG=1 to see where it arose."
    )


def _causes(error: BaseException) -> list[BaseException]:
    """The failure and what caused it, outermost first, each once."""
    causes: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in causes:
        causes.append(current)
        current = current.__cause__ or current.__context__
    return causes


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
