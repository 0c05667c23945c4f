"""Terminal: what all commands share: the console, and the way to the home's systems."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from orchestration.home import Home, NotReadyError

console = Console(highlight=False)


def show(*tables: Table) -> None:
    """Print tables."""
    for table in tables:
        console.print(table)


@contextmanager
def reaching_systems(home: Home) -> Iterator[Home]:
    """Reach the home's systems; a demo home brings its sandbox, as the demo left it."""
    if not home.is_invented:
        from ingestion.systems import connected

        if not connected(home.environ):
            raise NotReadyError(
                f"No system of the environment {home.name} is connected: copy "
                ".env.example to .env and fill in at least one."
            )
        yield home
        return
    from orchestration.demo import demo_again

    with demo_again(home) as (ready, _):
        os.environ.update(ready.environ)
        yield ready
