"""The commands of `concord` that decide: approve, reject, retry, overwrite.

Heavy imports stay inside the commands, so that help answers at once.
"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from orchestration.home import NotReadyError, open_home
from orchestration.terminal import console

app = typer.Typer()

By = Annotated[str, typer.Option(help="Who decides.", envvar="USER")]
Reason = Annotated[str, typer.Option(help="Why, for the auditor.")]


@app.command()
def approve(
    changes: Annotated[list[str] | None, typer.Argument(help="ids of `inbox`")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all")] = False,
    by: By = "",
    reason: Reason = "",
) -> None:
    """Approve single changes, by their ids in `inbox`; the next run sends them.

    `concord sync approve` approves a whole plan. What nothing came of yet is taken
    back by `concord undo`.
    """
    from operations.decisions import approve as say_yes
    from operations.decisions import waiting
    from orchestration.inbox import store
    from orchestration.sync import policy_of

    home = open_home()
    lasts = policy_of(home).approval_term
    with store(home) as operations:
        known = [item.change_id for item in waiting(operations, "waiting", "held")]
        chosen = (
            [item.change_id for item in waiting(operations)]
            if everything
            else _complete(changes or [], known)
        )
        say_yes(operations, chosen, by, datetime.now(UTC), reason, lasts=lasts)
    _decided(len(chosen), "concord run send_approved")


@app.command()
def reject(
    changes: Annotated[list[str], typer.Argument(help="ids of `inbox`")],
    by: By = "",
    reason: Reason = "",
) -> None:
    """Decline changes: they are not planned again as they are."""
    from operations.decisions import reject as say_no
    from operations.decisions import waiting
    from orchestration.inbox import store

    with store(open_home()) as operations:
        unsent = waiting(operations, "waiting", "held", "ready")
        chosen = _complete(changes, [item.change_id for item in unsent])
        say_no(operations, chosen, by, datetime.now(UTC), reason)
    _decided(len(chosen), "concord inbox")


@app.command()
def retry(
    changes: Annotated[list[str], typer.Argument(help="ids of `inbox`")],
    by: By = "",
    reason: Reason = "",
) -> None:
    """Send changes again that a system rejected, once the cause is removed there."""
    from operations.decisions import retry as try_again
    from operations.decisions import waiting
    from orchestration.inbox import store

    with store(open_home()) as operations:
        rejected = [item.change_id for item in waiting(operations, "rejected")]
        chosen = _complete(changes, rejected)
        try_again(operations, chosen, by, datetime.now(UTC), reason)
    _decided(len(chosen), "concord run send_approved")


@app.command()
def overwrite(
    edits: Annotated[list[str], typer.Argument(help="edits of `inbox`, whole")],
    by: By = "",
    reason: Reason = "",
) -> None:
    """Let the golden value win over edits that people made in a system."""
    from operations.decisions import overwrite as let_golden_win
    from orchestration.inbox import store

    with store(open_home()) as operations:
        let_golden_win(operations, edits, by, datetime.now(UTC), reason)
    _decided(len(edits), "concord run, which plans them anew")


def _decided(count: int, following: str) -> None:
    console.print(f"[green]✓[/green] {count} decided. Next: {following}")


def _complete(given: list[str], known: list[str]) -> list[str]:
    """Find the change that each given beginning of an id means."""
    if not given:
        raise NotReadyError("No change is named: see `concord inbox` for their ids.")
    chosen = []
    for beginning in given:
        found = [change for change in known if change.startswith(beginning)]
        if len(found) != 1:
            raise NotReadyError(
                f"The id {beginning} names {len(found)} changes that this can be said "
                "of: see `concord inbox`."
            )
        chosen += found
    return chosen
