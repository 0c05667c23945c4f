"""Accounting: every document that was read is loaded, a duplicate, or in quarantine."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ingestion.raw import package
from ingestion.raw.difference import Difference
from ingestion.raw.spool import Spool
from ingestion.streams import Stream
from ingestion.systems import System
from operations import quarantine
from operations.quarantine import Letter, Totals
from operations.store import Store


class Accounts:
    """The quarantine and the control totals of one system's load."""

    def __init__(self, store: Store, system: System, spool: Spool) -> None:
        """Account for what the spool holds."""
        self._store = store
        self._system = system
        self._spool = spool
        self._refused: set[tuple[str, str]] = set()

    def held(self, stream: str) -> list[str]:
        """Return the identifiers of a stream's records in quarantine."""
        letters = quarantine.held(self._store, self._system.name, stream)
        return [one.letter.key for one in letters]

    def set_aside(
        self, folder: Path, found: Mapping[str, Mapping[str, str]], at: datetime
    ) -> None:
        """Keep rows of a package that the warehouse does not take, with its reason."""
        self._refused |= {(name, key) for name, bad in found.items() for key in bad}
        quarantine.hold(self._store, self._poisoned(folder, found), at)

    def close(
        self,
        differences: Mapping[str, Difference],
        listed: Sequence[str],
        at: datetime,
        load_id: str | None,
        *,
        is_partial: bool,
    ) -> None:
        """Keep what did not fit, let go of what does now, and the totals of it all.

        Args:
            differences: what the load did, by stream.
            listed: the streams of which every record was shown.
            at: our time.
            load_id: dlt's, where something was written.
            is_partial: other changes were left out.

        Raises:
            sqlite3.IntegrityError: the totals do not add up.
        """
        letters = {name: list(self._letters(name)) for name in differences}
        quarantine.hold(
            self._store, (one for each in letters.values() for one in each), at
        )
        for name, difference in differences.items():
            fit = {*difference.fit}
            fit |= {gone for _, gone in self._spool.values(name, "gone")}
            if name in listed:
                fit |= {*self.held(name)} - {each.key for each in letters[name]}
            fit -= {key for stream, key in self._refused if stream == name}
            quarantine.release(self._store, self._system.name, name, sorted(fit), at)
        quarantine.record(
            self._store,
            (
                Totals(
                    self._system.name,
                    name,
                    each.read,
                    each.loaded,
                    each.duplicates,
                    each.quarantined,
                    each.changed,
                    each.deleted,
                    load_id,
                    is_partial,
                )
                for name, each in differences.items()
            ),
            at,
        )

    def _letters(self, name: str) -> Iterator[Letter]:
        for _, each in self._spool.values(name, "unfit"):
            yield Letter(self._system.name, name, self._stream(name).object, **each)

    def _poisoned(
        self, folder: Path, found: Mapping[str, Mapping[str, str]]
    ) -> Iterator[Letter]:
        for name, bad in found.items():
            for batch in package.batches(folder, name):
                for row in batch.select(["id", "record"]).to_pylist():
                    if row["id"] in bad:
                        yield Letter(
                            self._system.name,
                            name,
                            self._stream(name).object,
                            row["id"],
                            None,
                            f"the warehouse does not take it ({bad[row['id']]})",
                            "see what was added to the raw table, then replay it",
                            row["record"],
                        )

    def _stream(self, name: str) -> Stream:
        return next(each for each in self._system.streams if each.name == name)
