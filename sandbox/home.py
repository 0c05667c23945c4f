"""Home: the folder in which one sandbox at a time keeps all that outlives it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

_LOCK = "lock"  # below the home


class HeldError(RuntimeError):
    """Another sandbox works in the home."""


def hold(home: Path) -> IO[bytes]:
    """Return the home's lock, held until the file is closed or the process ends.

    The system gives it back however the process ends, a kill included.

    Raises:
        HeldError: another process holds it.
        OSError: there can be no such folder.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = (home / _LOCK).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise HeldError(
            f"Another sandbox works in {home}: stop it, or take another --home."
        ) from error
    return lock


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what a private file holds; the first time, what `make` returns."""
    if not path.exists():
        write_private(path, make())
    return path.read_bytes()


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read: whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    made = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(made)
    unfinished.replace(path)
