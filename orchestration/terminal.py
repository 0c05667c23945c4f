"""Terminal: what all commands share: the console, and the way to the home's systems."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from orchestration.home import Home, NotReadyError

console = Console(highlight=False)


def show(*tables: Table) -> None:
    """Print tables."""
    for table in tables:
        console.print(table)


def document(content: Any) -> str:
    """Write what a program reads: days and instants as ISO 8601 has them."""

    def plain(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return {each.name: getattr(value, each.name) for each in fields(value)}
        return value.isoformat() if isinstance(value, date) else str(value)

    return json.dumps(content, indent=2, ensure_ascii=False, default=plain)


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
