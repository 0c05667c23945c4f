"""Standing: what people say of an exception itself: it is mine, or it may stay."""

from collections.abc import Collection
from datetime import datetime

from operations.decisions import CannotDecideError, Signature
from operations.lifecycle import move
from operations.store import Store


def acknowledge(
    store: Store, fingerprints: Collection[str], by: str, at: datetime, reason: str
) -> None:
    """Take exceptions: whoever looks next knows that somebody is at it.

    Raises:
        CannotDecideError: Name or reason is missing, or an exception is not open, or
            somebody has taken it; then none of them is taken.
    """
    _say(store, fingerprints, "acknowledged", ("open", "reopened"), (by, at, reason))


def accept(
    store: Store, fingerprints: Collection[str], by: str, at: datetime, reason: str
) -> None:
    """Let exceptions stand as they are; one that changes is opened anew.

    Raises:
        CannotDecideError: As for `acknowledge`; an exception whose repair is approved
            or arrived is not accepted any more.
    """
    before = ("open", "reopened", "acknowledged", "proposed")
    _say(store, fingerprints, "accepted", before, (by, at, reason))


def _say(
    store: Store,
    fingerprints: Collection[str],
    state: str,
    before: tuple[str, ...],
    said: tuple[str, datetime, str],
) -> None:
    by, at, reason = said
    Signature(by, at, reason).check()
    with store.transaction() as connection:
        for fingerprint in sorted(fingerprints):
            row = connection.execute(
                "select state from exceptions where fingerprint = ?"
                " and closed_at is null",
                [fingerprint],
            ).fetchone()
            if row is None:
                raise CannotDecideError(f"There is no open exception {fingerprint}.")
            if row["state"] not in before:
                raise CannotDecideError(
                    f"Exception {fingerprint} is {row['state']} already."
                )
            move(connection, fingerprint, state, at, by, reason=reason)
