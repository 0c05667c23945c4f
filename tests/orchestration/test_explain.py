"""Every failure reaches the person as one sentence that says what to do next."""

import errno
import sqlite3

import duckdb
import pytest

from ingestion.errors import Refused
from operations.decisions import CannotDecideError
from orchestration.build import BuildFailedError
from orchestration.explain import FULL_DISK, LOCKED, explain
from orchestration.home import NotReadyError

REFUSED = Refused("stripe", "the key is not accepted", "renew STRIPE_API_KEY")


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (REFUSED, "Stripe: the key is not accepted; renew STRIPE_API_KEY."),
        (NotReadyError("the port is taken."), "The port is taken."),
        (BuildFailedError("dbt: customers failed"), "Dbt: customers failed"),
        (CannotDecideError("It is gone."), "It is gone. See `concord inbox`."),
        (OSError(errno.ENOSPC, "No space left on device"), FULL_DISK),
        (sqlite3.OperationalError("database or disk is full"), FULL_DISK),
        (duckdb.IOException("write failed: No space left on device"), FULL_DISK),
        (duckdb.IOException("Could not set lock on file"), LOCKED),
    ],
)
def test_a_known_failure_names_the_next_step(failure: Exception, sentence: str) -> None:
    """The person who reads it can act on it."""
    assert explain(failure) == sentence


def test_the_cause_speaks_for_what_wraps_it() -> None:
    """A library's wrapping does not hide the sentence that was written for people."""
    wrapped = RuntimeError("step failed")
    wrapped.__cause__ = REFUSED

    assert explain(wrapped) == explain(REFUSED)


def test_an_unknown_failure_says_how_to_see_more() -> None:
    """Nobody is left with a bare type name."""
    assert explain(KeyError("x")).endswith("Set CONCORD_DEBUG=1 to see where it arose.")
