"""The commands of `concord` that take numbers out of the house, each one written down.

Heavy imports stay inside the commands, so that help answers at once.
"""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.home import NotReadyError, open_home
from orchestration.terminal import console

app = typer.Typer(help="Take numbers away: the board pack.", no_args_is_help=True)


@app.callback()
def export() -> None:
    """Take numbers away, and leave a line in the audit chain that says so."""


@app.command("board-pack")
def board_pack(
    month: Annotated[
        str, typer.Option(metavar="YYYY-MM", help="The last one, if unset.")
    ] = "",
    to: Annotated[Path, typer.Option(help="Folder to write to.")] = Path(),
    by: Annotated[str, typer.Option(help="Who takes it.", envvar="USER")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Write the board pack as HTML and as tagged PDF; equal snapshots, equal bytes.

    Exit code 1 when the PDF cannot be laid out here; the HTML is written all the same.
    """
    from dashboard.pack.compose import compose
    from dashboard.pack.paper import NoPaperError, to_pdf
    from dashboard.published import current, reading

    if not by.strip():
        raise NotReadyError("Nobody is named who takes it: add --by NAME.")
    home = open_home()
    publication = current(home.published)
    with reading(publication) as connection:
        chosen, page = compose(publication, connection, _month(month))
    missing = ""
    files = {"html": page.encode()}
    try:
        files["pdf"] = to_pdf(page)
    except NoPaperError as error:
        missing = str(error)
    to.mkdir(parents=True, exist_ok=True)
    written = []
    for suffix, content in files.items():
        file = to / f"board-pack-{chosen:%Y-%m}.{suffix}"
        file.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        written.append({"file": str(file), "sha256": digest})
    snapshot = publication.file.stem
    _write_down(by, f"board pack {chosen:%Y-%m}", snapshot, written)
    if as_json:
        said = {"month": f"{chosen:%Y-%m}", "snapshot": snapshot, "files": written}
        typer.echo(json.dumps({**said, "missing": missing or None}, indent=2))
    else:
        for each in written:
            console.print(
                f"[green]✓[/green] {each['file']}  sha256 {each['sha256'][:16]}…",
                soft_wrap=True,
            )
        if missing:
            console.print(f"[red]✕[/red] {missing}", soft_wrap=True)
    raise typer.Exit(1 if missing else 0)


def _month(named: str) -> date | None:
    """Read a month as people type it."""
    if not named:
        return None
    try:
        return date.fromisoformat(f"{named}-01")
    except ValueError:
        raise NotReadyError(f"{named} is no month: write it as 2026-10.") from None


def _write_down(
    by: str, what: str, snapshot: str, written: list[dict[str, str]]
) -> None:
    """Say in the audit chain who took what away, with the digest of each file."""
    from operations.audit import Entry, append
    from orchestration.inbox import store

    detail = {
        "snapshot": snapshot,
        "files": {Path(each["file"]).name: each["sha256"] for each in written},
    }
    with store(open_home()) as operations, operations.transaction() as connection:
        append(connection, [Entry(by, "export", what, detail)], datetime.now(UTC))
