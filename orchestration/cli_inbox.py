"""The commands of `concord` that say something of an item of the inbox.

Heavy imports stay inside the commands, so that help answers at once.
"""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from orchestration.home import NotReadyError, open_home
from orchestration.terminal import console, document, show

app = typer.Typer()

Item = Annotated[str, typer.Argument(help="an item of the inbox, whole")]
By = Annotated[str, typer.Option(help="Who says so.", envvar="USER")]


@app.command()
def comment(
    item: Annotated[str, typer.Argument(help="a change or an exception, whole")],
    words: Annotated[str, typer.Argument(help="what you have to say")],
    by: By = "",
) -> None:
    """Say something about an item of the inbox; it stands in the audit chain."""
    from operations.comments import comment as say
    from orchestration.inbox import store

    with store(open_home()) as operations:
        say(operations, item, by, datetime.now(UTC), words)
    console.print("[green]✓[/green] said. Next: concord inbox")


@app.command()
def assign(
    item: Item,
    to: Annotated[str, typer.Option(help="Who looks after it; empty: nobody.")],
    by: By = "",
) -> None:
    """Give a break of the inbox to somebody; it stands in the audit chain."""
    from operations.assignments import Handling, handling
    from operations.assignments import assign as give
    from orchestration.inbox import store

    with store(open_home()) as operations:
        seen = handling(operations).get(item, Handling()).assignee
        give(operations, item, to, by, datetime.now(UTC), seen=seen)
    before = f" (before: {seen})" if seen else ""
    console.print(f"[green]✓[/green] {to or 'nobody'} looks after it now{before}.")


@app.command()
def snooze(
    item: Item,
    until: Annotated[str, typer.Option(metavar="DAY", help="As 2026-11-30.")],
    by: By = "",
    reason: Annotated[str, typer.Option(help="Why, for the auditor.")] = "",
) -> None:
    """Let a break of the inbox rest until a day, or until what differs changes."""
    from operations.assignments import snooze as let_rest
    from orchestration.inbox import store

    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise NotReadyError(f"{until} is no day: write it as 2026-11-30.") from None
    with store(open_home()) as operations:
        let_rest(operations, item, by, datetime.now(UTC), reason, until=day)
    console.print(f"[green]✓[/green] it rests until {day}, or until it changes.")


@app.command()
def accept(
    items: Annotated[list[str], typer.Argument(help="breaks of the inbox, whole")],
    by: By = "",
    reason: Annotated[str, typer.Option(help="Why, for the auditor.")] = "",
) -> None:
    """Let differences stand as they are; one that changes is opened anew."""
    from operations.standing import accept as let_stand
    from orchestration.inbox import store

    with store(open_home()) as operations:
        let_stand(operations, items, by, datetime.now(UTC), reason)
    console.print(f"[green]✓[/green] {len(items)} accepted. Next: concord inbox")


@app.command()
def undo(
    items: Annotated[
        list[str], typer.Argument(help="ids of changes, or breaks, whole")
    ],
    by: By = "",
    reason: Annotated[str, typer.Option(help="Why, for the auditor.")] = "",
) -> None:
    """Take back an approval, a rejection, a retry or an accept that nothing came of.

    What was sent already is undone by `concord sync revert`.
    """
    from operations.taking_back import standing, take_back
    from orchestration.inbox import store

    with store(open_home()) as operations:
        at = datetime.now(UTC)
        known = [each.subject for each in standing(operations, at)]
        chosen = [_whole(item, known) for item in items]
        take_back(operations, chosen, by, at, reason)
    console.print(f"[green]✓[/green] {len(chosen)} taken back. Next: concord inbox")


@app.command()
def wake(item: Item, by: By = "") -> None:
    """End the rest of a break of the inbox before its day."""
    from operations.assignments import wake as look_again
    from orchestration.inbox import store

    with store(open_home()) as operations:
        look_again(operations, item, by, datetime.now(UTC))
    console.print("[green]✓[/green] it is awake. Next: concord inbox")


@app.command()
def history(
    item: Item,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell all that happened to an item, with who did it and the evidence."""
    from orchestration.inbox import history_table, store, told

    with store(open_home()) as operations:
        if as_json:
            typer.echo(document(told(operations, item)))
        else:
            show(history_table(operations, item))


def _whole(item: str, known: list[str]) -> str:
    """Find the change that the beginning of an id means; a break is named whole."""
    found = [each for each in known if each.startswith(item)]
    if len(found) > 1:
        raise NotReadyError(f"The id {item} names {len(found)} changes: write more.")
    return found[0] if found else item
