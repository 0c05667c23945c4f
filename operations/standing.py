"""Standing: a difference that people let stand, as it is."""

from collections.abc import Collection
from datetime import datetime

from operations.decisions import CannotDecideError, Signature
from operations.lifecycle import move
from operations.store import Store

ACCEPTABLE = ("open", "reopened", "acknowledged", "proposed")


def accept(
    store: Store, fingerprints: Collection[str], by: str, at: datetime, reason: str
) -> None:
    """Let exceptions stand as they are; one that changes is opened anew.

    Raises:
        CannotDecideError: Name or reason is missing, or an exception is not open, or
            its repair is approved or arrived; then none of them is accepted.
    """
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
            if row["state"] not in ACCEPTABLE:
                raise CannotDecideError(
                    f"Exception {fingerprint} is {row['state']} already."
                )
            move(connection, fingerprint, "accepted", at, by, reason=reason)
