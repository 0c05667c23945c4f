"""What the assets are given: the home, and the right to write the warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.home import Home, open_home, writing

# One writer owns the warehouse file at a time: the pool admits one run.
POOL = "warehouse"


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
        with writing(self.home(), step):
            yield
