"""Home: where this installation keeps its files, and which systems it may reach."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
TRANSFORM = ROOT / "transform"

# The homes that belong to the invented company; every other one reads .env.
INVENTED = ("demo", "demo-tryton")
# A first demo leaves 150 MB behind (warehouse, published copy, Dagster's history).
SPACE_NEEDED_BYTES = 500 * 1024 * 1024
# A step that cannot write the warehouse for so long says so instead of waiting on.
WAIT_SECONDS = 600.0


class NotReadyError(Exception):
    """Something outside Concord must change first; the text says what."""


@dataclass(frozen=True, slots=True)
class Home:
    """One installation: its folder, its stores, the environment it was given."""

    folder: Path
    name: str
    environ: Mapping[str, str]

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that can be rebuilt from the sources at any time."""
        return self.folder / "warehouse.duckdb"

    @property
    def operations(self) -> Path:
        """The SQLite file that cannot: intents, approvals, exceptions, audit."""
        return self.folder / "operations.sqlite"

    @property
    def published(self) -> Path:
        """The folder of read-only copies that people look at."""
        return self.folder / "published"

    @property
    def dagster(self) -> Path:
        """Dagster's own folder: run history, schedules, logs."""
        return self.folder / "dagster"

    @property
    def as_of(self) -> date:
        """The day the numbers are stated for: CONCORD_AS_OF, otherwise today."""
        given = self.environ.get("CONCORD_AS_OF")
        return date.fromisoformat(given) if given else datetime.now(UTC).date()

    @property
    def is_invented(self) -> bool:
        """Whether this is a demo home, which belongs to the invented company."""
        return self.name in INVENTED


def open_home(environ: Mapping[str, str] | None = None) -> Home:
    """Find the home named by CONCORD_HOME and CONCORD_ENV and make its folders.

    The values of `.env` at the root of the checkout stand in for what the environment
    does not say. CONCORD_ENV is `demo` unless set: real systems are only reached when
    somebody asked for them.
    """
    given = dict(os.environ if environ is None else environ)
    name = given.get("CONCORD_ENV", "demo")
    if name not in INVENTED:
        known = {
            key: value or "" for key, value in dotenv_values(ROOT / ".env").items()
        }
        given = {**known, **given}
    folder = Path(given.get("CONCORD_HOME", str(ROOT / ".concord"))) / name
    folder.mkdir(parents=True, exist_ok=True)
    return Home(folder=folder.resolve(), name=name, environ=given)


def with_environment(home: Home, environment: Mapping[str, str]) -> Home:
    """Return the same home with more environment, as a started sandbox announces it."""
    return Home(home.folder, home.name, {**home.environ, **environment})


def require_space(folder: Path, needed: int = SPACE_NEEDED_BYTES) -> None:
    """Refuse to begin when the disk could fill up on the way.

    Raises:
        NotReadyError: fewer than `needed` bytes are free below `folder`.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NotReadyError(
            f"The disk that holds {folder} has {free // 2**20} MB left and a run needs "
            f"{needed // 2**20} MB: free some space, or point CONCORD_HOME elsewhere."
        )


@contextmanager
def only_one(home: Home, what: str) -> Iterator[None]:
    """Hold the home for one run; the lock goes with the process, however it ends.

    Raises:
        NotReadyError: another process holds it.
    """
    lock = home.folder / "running.lock"
    with lock.open("a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            holder = held.read().strip() or "another run"
            raise NotReadyError(
                f"{holder} is using {home.folder}: wait until it has ended, then start "
                f"{what} again. Nothing was changed."
            ) from None
        held.truncate(0)
        held.write(f"{what} (process {os.getpid()})")
        held.flush()
        yield
        held.truncate(0)


@contextmanager
def writing(home: Home, step: str, seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Own the warehouse for one step; waits while another step owns it.

    Dagster's pool keeps its own runs apart; this lock also keeps apart what the pool
    cannot see: a demo, a command, a test.

    Raises:
        NotReadyError: the other owner did not finish within that time.
    """
    lock = home.folder / "warehouse.lock"
    deadline = time.monotonic() + seconds
    with lock.open("a", encoding="utf-8") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise NotReadyError(
                        f"{step} waited {seconds:.0f} s for the warehouse: another run "
                        "still writes it. See `concord status`."
                    ) from None
                time.sleep(0.2)
        yield
