"""Progress: what a person sees in the terminal while a run works.

A Dagster logger that keeps the sentences the steps say and drops the machinery. On a
terminal the running step shows its clock; elsewhere plain lines come as steps end.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from rich.console import Console
from rich.status import Status

TITLES = {
    "transform": "build",
    "reconciliation": "reconcile",
    "reverse_etl__exceptions": "open exceptions",
    "reverse_etl__plan": "plan",
    "reverse_etl__guard": "guard",
    "reverse_etl__push": "push",
    "reverse_etl__read_back": "read back",
    "reverse_etl__convergence": "ingest again, plan again",
    "published__revenue": "publish",
}

# What Dagster itself says between our sentences.
MACHINERY = (
    "Writing file",
    "Loading file",
    "A dbt subsetted",
    "op 'transform' did not",
)


class Lines(logging.Handler):
    """Turns a run's log into one line per step: title, what it said, seconds."""

    def __init__(self, console: Console) -> None:
        """Write to `console`; nothing is shown before the first step starts."""
        super().__init__(level=logging.DEBUG)  # Dagster logs step events there
        self.console = console
        self.started: dict[str, float] = {}
        self.said: dict[str, str] = {}
        self.status: Status | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record of Dagster's log."""
        meta = getattr(record, "dagster_meta", {})
        step = meta.get("step_key")
        if step is None:
            return
        event = meta.get("dagster_event")
        words = str(meta.get("orig_message", ""))
        if event is None and not words.startswith(MACHINERY):
            self.said[step] = words
            self._show(step)
        elif event is None:
            return
        elif event.event_type_value == "STEP_START":
            self.started[step] = time.monotonic()
            self._show(step)
        elif event.event_type_value in {"STEP_SUCCESS", "STEP_FAILURE"}:
            self._close(step, event.event_type_value == "STEP_SUCCESS")

    def _show(self, step: str) -> None:
        if self.console.is_terminal and self.status is not None:
            words = self.said.get(step, "")
            self.status.update(f"[bold]{_title(step)}[/bold] {words}")

    def _close(self, step: str, succeeded: bool) -> None:  # noqa: FBT001
        seconds = time.monotonic() - self.started.get(step, time.monotonic())
        mark = "[green]✓[/green]" if succeeded else "[red]✕[/red]"
        title = _title(step)
        words = self.said.get(step, "")
        self.console.print(
            f" {mark} {title:<26}{seconds:6.1f} s   {words}",
            highlight=False,
            soft_wrap=True,
        )


def _title(step: str) -> str:
    """Return what a step is called in the terminal."""
    if step.startswith("raw_"):
        return f"ingest {step.removeprefix('raw_').replace('_', ' ')}"
    return TITLES.get(step, step)


_lines: Lines | None = None


@dg.logger({}, "One line per step, for a person at a terminal.")
def progress_logger(_context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger of the run that `shown` surrounds."""
    logger = logging.Logger("concord.progress", logging.DEBUG)  # noqa: LOG001  # one per run
    if _lines is not None:
        logger.addHandler(_lines)
    return logger


@contextmanager
def shown(console: Console) -> Iterator[None]:
    """Show the progress of the runs made inside."""
    global _lines  # noqa: PLW0603  # Dagster makes the logger; this is the one way in
    _lines = Lines(console)
    try:
        if console.is_terminal:
            with console.status("") as status:
                _lines.status = status
                yield
        else:
            yield
    finally:
        _lines = None
