"""The commands of `concord` about exceptions: whose they are, what became of them.

Heavy imports stay inside the commands, so that help answers at once.
"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from orchestration.home import open_home
from orchestration.terminal import console, show

app = typer.Typer()
By = Annotated[str, typer.Option(help="Who decides.", envvar="USER")]
Reason = Annotated[str, typer.Option(help="Why, for the auditor.")]
Named = Annotated[list[str], typer.Argument(help="exceptions of `inbox`, whole")]


@app.command()
def acknowledge(exceptions: Named, by: By = "", reason: Reason = "") -> None:
    """Take exceptions: whoever looks next knows that somebody is at it."""
    from operations.standing import acknowledge as take
    from orchestration.inbox import store

    with store(open_home()) as operations:
        take(operations, exceptions, by, datetime.now(UTC), reason)
    console.print(f"[green]✓[/green] {len(exceptions)} taken. Next: concord inbox")


@app.command()
def accept(exceptions: Named, by: By = "", reason: Reason = "") -> None:
    """Let differences stand as they are; one that changes is opened anew."""
    from operations.standing import accept as let_stand
    from orchestration.inbox import store

    with store(open_home()) as operations:
        let_stand(operations, exceptions, by, datetime.now(UTC), reason)
    console.print(f"[green]✓[/green] {len(exceptions)} accepted. Next: concord inbox")


@app.command()
def history(
    exception: Annotated[str, typer.Argument(help="its name in `inbox`")],
) -> None:
    """Tell all that happened to an exception, with who did it and the evidence."""
    from orchestration.inbox import history_table, store

    with store(open_home()) as operations:
        show(history_table(operations, exception))
