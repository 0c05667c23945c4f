"""The command `concord close`: close a month, or say what stands in its way.

Heavy imports stay inside the command, so that help answers at once.
"""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from orchestration.home import NotReadyError, open_home
from orchestration.terminal import console

if TYPE_CHECKING:
    from dashboard.bridge import Gap

app = typer.Typer()


@app.command()
def close(
    month: Annotated[datetime, typer.Argument(help="as 2026-10", formats=["%Y-%m"])],
    by: Annotated[str, typer.Option(help="Who closes it.", envvar="USER")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Close a month in the audit chain; exit 1 when its bridge leaves something open.

    The books are closed in the ERP: this says that they may be.
    """
    from dashboard.bridge import gaps, months
    from dashboard.published import current, reading

    if not by.strip():
        raise NotReadyError("Nobody is named who closes the month: add --by NAME.")
    chosen = month.date()
    publication = current(open_home().published)
    with reading(publication) as connection:
        known = months(connection)
        found = gaps(connection, chosen)
    _require(chosen, known, publication.as_of)
    snapshot = publication.file.stem
    if not found:
        _write_down(by, chosen, snapshot)
    if as_json:
        said = {"month": f"{chosen:%Y-%m}", "snapshot": snapshot, "closed": not found}
        typer.echo(json.dumps({**said, "open": [_values(gap) for gap in found]}))
    elif found:
        console.print(f"[red]✕[/red] {chosen:%Y-%m} is not closed:", soft_wrap=True)
        for gap in found:
            console.print(f"  {escape(gap.sentence)}", soft_wrap=True)
    else:
        console.print(
            f"[green]✓[/green] {chosen:%Y-%m} is closed: from bookings to the ledger "
            "nothing is unexplained.",
            soft_wrap=True,
        )
    raise typer.Exit(1 if found else 0)


def _require(month: date, known: tuple[date, date] | None, as_of: date) -> None:
    """Refuse a month that the bridge does not have, or that is not over."""
    if known is None or not known[0] <= month <= known[1]:
        there = "no month" if known is None else f"{known[0]:%Y-%m} to {known[1]:%Y-%m}"
        raise NotReadyError(
            f"There are no numbers of {month:%Y-%m}; the bridge has {there}."
        )
    if (as_of.year, as_of.month) == (month.year, month.month) and not _is_last(as_of):
        raise NotReadyError(
            f"{month:%Y-%m} is not over: the numbers are stated for {as_of}. Run "
            "`concord run` once it is."
        )


def _is_last(day: date) -> bool:
    """Whether a day is the last of its month."""
    return day.month != date.fromordinal(day.toordinal() + 1).month


def _values(gap: "Gap") -> dict[str, object]:
    """Return a gap as a program reads it."""
    return {**asdict(gap), "what": gap.sentence}


def _write_down(by: str, month: date, snapshot: str) -> None:
    """Say in the audit chain who closed the month on which numbers."""
    from operations.audit import Entry, append
    from orchestration.inbox import store

    with store(open_home()) as operations, operations.transaction() as connection:
        append(
            connection,
            [Entry(by, "close", f"month {month:%Y-%m}", {"snapshot": snapshot})],
            datetime.now(UTC),
        )
