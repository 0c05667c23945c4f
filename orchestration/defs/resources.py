"""What the assets are given: the home, and the right to write the warehouse."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.home import Home, NotReadyError, open_home

# One writer owns the warehouse file at a time. Dagster's pool keeps its own runs apart;
# the file lock also keeps apart what the pool cannot see: a demo, a command, a test.
POOL = "warehouse"
WAIT_SECONDS = 600.0


class Workplace(dg.ConfigurableResource):
    """The installation this run belongs to, as CONCORD_HOME and CONCORD_ENV name it."""

    def home(self) -> Home:
        """Open the home of this process's environment."""
        return open_home()

    @contextmanager
    def writing(self, step: str) -> Iterator[None]:
        """Own the warehouse for one step; waits while another step owns it.

        Raises:
            NotReadyError: the other owner did not finish within ten minutes.
        """
        lock = self.home().folder / "warehouse.lock"
        deadline = time.monotonic() + WAIT_SECONDS
        with lock.open("a", encoding="utf-8") as held:
            while True:
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise NotReadyError(
                            f"{step} waited ten minutes for the warehouse: another run "
                            "still writes it. See `concord status`."
                        ) from None
                    time.sleep(0.2)
            yield
