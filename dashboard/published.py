"""Published: find the copy that was published last and read it, never the warehouse.

A publication is a DuckDB file of its own name plus `current.json`, which names it and
is swapped by rename. Connections are read-only and short, so that no reader ever
stands in a writer's way and one page never mixes two publications.
"""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from dashboard.rows import of_entities

# The copy holds all it needs: a reader that fetched an extension would leave the house.
_CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class PublicationError(Exception):
    """There is nothing to show; the text says why and what to do next."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What `current.json` says: one file and where its numbers come from."""

    file: Path
    as_of: date
    published_at: datetime
    run_id: str


def published_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the home that CONCORD_HOME and CONCORD_ENV name publishes."""
    homes = Path(environ.get("CONCORD_HOME", ".concord"))
    return homes / environ.get("CONCORD_ENV", "demo") / "published"


def current(folder: Path) -> Publication:
    """Read which publication is current.

    Raises:
        PublicationError: nothing was published there, or the pointer cannot be read.
    """
    pointer = folder / "current.json"
    try:
        said = json.loads(pointer.read_text(encoding="utf-8"))
        found = Publication(
            file=folder / Path(said["file"]).name,
            as_of=date.fromisoformat(said["as_of"]),
            published_at=_utc(datetime.fromisoformat(said["published_at"])),
            run_id=str(said["run_id"]),
        )
    except FileNotFoundError:
        raise PublicationError(
            f"Nothing is published in {folder} yet: run `make demo`, which builds the "
            "numbers and publishes them."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PublicationError(
            f"{pointer} does not name a publication ({type(error).__name__}): run "
            "`make demo` to publish again."
        ) from error
    return found


@contextmanager
def reading(
    publication: Publication, entities: Collection[str] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open one publication for the moment of reading it.

    Args:
        publication: Which one.
        entities: The legal entities whose rows are read; None for all rows.

    Raises:
        PublicationError: the file is gone, is no database or lacks what a page needs.
    """
    name = publication.file.name
    if not publication.file.is_file():
        raise PublicationError(
            f"The publication {name} is gone from {publication.file.parent}: run "
            "`make demo` to publish again."
        )
    try:
        if entities is not None:
            with of_entities(publication.file, entities, dict(_CLOSED)) as connection:
                yield connection
            return
        with duckdb.connect(
            str(publication.file), read_only=True, config=dict(_CLOSED)
        ) as connection:
            yield connection
    except duckdb.Error as error:
        what = str(error).strip().splitlines()[0]
        raise PublicationError(
            f"The publication {name} cannot be read: run `make demo` to publish again. "
            f"The database said: {what}"
        ) from error


def _utc(at: datetime) -> datetime:
    """Take an instant without a zone as UTC, as all our instants are."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
