"""The commands `concord sync …`: plan, show, approve, apply, verify, undo, replay."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.home import NotReadyError, only_one, open_home
from orchestration.terminal import console, reaching_systems, show

if TYPE_CHECKING:
    from orchestration.sync import Applied
    from reverse_etl.guard import Guarded
    from reverse_etl.plan import Plan

app = typer.Typer(
    help="Plan corrections, let them out, and see that they arrived.",
    no_args_is_help=True,
)
By = Annotated[str, typer.Option(help="Who asks or decides.", envvar="USER")]
Reason = Annotated[str, typer.Option(help="Why, for the auditor.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
PlanId = Annotated[str, typer.Argument(help="a plan of `concord sync show`")]

# As terraform has it: 0 nothing to change, 1 something is wrong, 2 there are changes.
CHANGES = 2


@app.command()
def plan(
    *,
    look: Annotated[bool, typer.Option(help="Only look: record nothing.")] = False,
    by: By = "concord",
    as_json: AsJson = False,
) -> None:
    """Compare everything and plan what differs; exit 2 when there are changes."""
    from orchestration.inbox import store
    from orchestration.sync import foretell, make, now, take_in

    home = open_home()
    with only_one(home, "concord sync plan"), store(home) as operations:
        with reaching_systems(home) as ready:
            made = make(ready, operations, now(), author=by or "concord")
            costs = foretell(ready, made)
        guarded = None if look else take_in(home, operations, made, now())
    if as_json:
        typer.echo(_json({**_summary(made, guarded), "forecast": map(asdict, costs)}))
    else:
        _tables(made, guarded)
        for cost in costs:
            share = f", {cost.share_of_day:.2%} of a day's" if cost.share_of_day else ""
            console.print(
                f"{cost.system} {cost.object}: {cost.changes} changes,"
                f" {cost.calls} calls{share}, about {cost.seconds:.0f} s"
            )
    raise typer.Exit(CHANGES if made.changes else 0)


@app.command("show")
def show_plan(
    plan_id: Annotated[str | None, typer.Argument(help="a plan; all, if unset")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the plans, or show one as it was made."""
    from orchestration.inbox import store
    from orchestration.sync import plans
    from reverse_etl.ledger import Ledger

    with store(open_home()) as operations:
        if plan_id is None:
            found = plans(operations)
            if as_json:
                typer.echo(_json(found))
            else:
                _rows("Plans", found)
            return
        kept = Ledger(operations).document(_whole(operations, plan_id))
    if as_json:
        typer.echo(_json(kept))
        return
    _rows(
        f"Plan {kept['plan_id']} of {kept['made_at']}, asked for by {kept['author']}",
        (
            {
                "record": f"{each['system']}:{each['object']}:"
                f"{each['record_id'] or each['external_key']}",
                "field": field["field"],
                "there": field["theirs"],
                "to be": field["ours"],
                "from": field["source_record"] or field["source"],
                "why": each["reason"],
            }
            for each in kept["changes"]
            for field in each["fields"]
        ),
    )


@app.command()
def approve(plan_id: PlanId, by: By = "", reason: Reason = "") -> None:
    """Approve a whole plan, by its id in `sync show`, exactly as it is.

    `concord approve` approves single changes of any plan.
    """
    from operations.decisions import approve as say_yes
    from orchestration.inbox import store
    from orchestration.sync import now, policy_of
    from reverse_etl.ledger import Ledger

    home = open_home()
    with store(home) as operations:
        rows = Ledger(operations).rows(
            ("waiting",), plan_id=_whole(operations, plan_id)
        )
        if not rows:
            raise NotReadyError(f"Nothing of the plan {plan_id} waits for approval.")
        ids = [row.change.change_id for row in rows]
        lasts = policy_of(home).approval_term
        say_yes(operations, ids, by, now(), reason, lasts=lasts)
    console.print(f"[green]✓[/green] {len(ids)} approved. Next: concord sync apply")


@app.command()
def apply(
    plan_id: Annotated[str | None, typer.Argument(help="a plan; all, if unset")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Send what may go now, once, and read it back; exit 1 if a system is away."""
    _carry_out("apply", plan_id, as_json=as_json)


@app.command()
def resume(*, as_json: AsJson = False) -> None:
    """Finish what a run that ended left open: read what is unknown, send the rest."""
    _carry_out("resume", None, as_json=as_json)


@app.command()
def verify(*, as_json: AsJson = False) -> None:
    """Compare what was sent with what ingestion saw, and walk the audit chain."""
    from orchestration.inbox import store
    from orchestration.sync import check

    home = open_home()
    with (
        only_one(home, "concord sync verify"),
        store(home) as operations,
        reaching_systems(home) as ready,
    ):
        found = check(ready, operations)
    said = {
        **asdict(found.settled),
        "read_back": found.seen.confirmed,
        "unread": {name: str(fault) for name, fault in found.seen.unread.items()},
        "audit_rows": found.head.seq,
        "audit_hash": found.head.hash,
    }
    if as_json:
        typer.echo(_json(said))
    else:
        _rows("Verified", [said])
    wrong = found.settled.diverged or found.seen.diverged or found.seen.unread
    raise typer.Exit(1 if wrong else 0)


@app.command()
def revert(plan_id: PlanId, by: By = "", *, as_json: AsJson = False) -> None:
    """Plan what undoes a plan; fields that were edited since are left and listed."""
    from orchestration.inbox import store
    from orchestration.sync import now
    from orchestration.sync import revert as undo

    if not by.strip():
        raise NotReadyError("Who asks for it? Add --by NAME.")
    home = open_home()
    with only_one(home, "concord sync revert"), store(home) as operations:
        whole = _whole(operations, plan_id)
        made, guarded = undo(home, operations, whole, now(), by)
    if as_json:
        typer.echo(_json(_summary(made, guarded)))
    else:
        _tables(made, guarded)
    raise typer.Exit(CHANGES if made.changes else 0)


@app.command("dead-letters")
def dead_letters(*, as_json: AsJson = False) -> None:
    """List what stays undone until somebody acts; exit 1 when there is any."""
    from orchestration.inbox import store
    from orchestration.record_links import link
    from reverse_etl.ledger import Ledger

    home = open_home()
    with store(home) as operations:
        found = Ledger(operations).dead_letters()
    for row in found:
        key = f"{row['system']}:{row['object'].lower()}:{row['record_id'] or ''}"
        row["link"] = link(home.environ, key)
    shown = [
        "change_id",
        "system",
        "object",
        "record_id",
        "state",
        "why",
        "next_step",
        "link",
    ]
    if as_json:
        typer.echo(_json(found))
    else:
        rows = ({name: row[name] for name in shown} for row in found)
        _rows("Dead letters: concord sync replay ID … once the cause is gone", rows)
    raise typer.Exit(1 if found else 0)


@app.command()
def replay(
    changes: Annotated[list[str], typer.Argument(help="ids of dead letters, whole")],
    by: By = "",
    reason: Reason = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Send rejected changes again, now, after their cause was removed."""
    from operations.decisions import retry
    from orchestration.inbox import store
    from orchestration.sync import now

    with store(open_home()) as operations:
        retry(operations, changes, by, now(), reason)
    _carry_out("replay", None, as_json=as_json)


@app.command()
def why(
    record: Annotated[str, typer.Argument(help="a record, as system:object:id")],
    field: Annotated[
        str | None, typer.Argument(help="its field; all, if unset")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say why a value is there: source row, rule, approval, request, read-back."""
    from orchestration.inbox import store
    from reverse_etl.evidence import WHY

    parts = record.split(":", 2)
    if len(parts) != len(("system", "object", "id")):
        raise NotReadyError(f"{record} is no record: name it as system:object:id.")
    with store(open_home()) as operations:
        found = [dict(row) for row in operations.rows(WHY, [*parts, field])]
    if not found:
        raise NotReadyError(f"We wrote nothing to {record}: see `concord why` for it.")
    if as_json:
        typer.echo(_json(found))
        return
    for each in found:
        _rows(
            f"{each['field']} of {record}",
            ({"what": name, "is": value} for name, value in each.items()),
        )


def _carry_out(verb: str, plan_id: str | None, *, as_json: bool) -> None:
    from orchestration.inbox import store
    from orchestration.sync import apply as send

    home = open_home()
    with only_one(home, f"concord sync {verb}"), store(home) as operations:
        only = _whole(operations, plan_id) if plan_id else None
        with reaching_systems(home) as ready:
            done = send(ready, operations, only)
    _report(done, as_json=as_json)
    raise typer.Exit(0 if done.is_whole else 1)


def _report(done: "Applied", *, as_json: bool) -> None:
    silent = {**done.pushed.refused, **done.pushed.away, **done.seen.unread}
    said: dict[str, Any] = {
        "sent": dict(done.pushed.counts),
        "confirmed": done.seen.confirmed,
        "diverged": done.seen.diverged,
        "silent": {name: str(fault) for name, fault in silent.items()},
        "unconnected": list(done.pushed.unconnected),
    }
    if as_json:
        typer.echo(_json(said))
        return
    sent = ", ".join(f"{n} {state}" for state, n in done.pushed.counts.items())
    console.print(
        f"{sent or 'nothing to send'}; read back: {done.seen.confirmed} confirmed,"
        f" {done.seen.diverged} diverged"
    )
    for line in (*said["silent"].values(), *said["unconnected"]):
        console.print(f"[red]✕[/red] {line}", soft_wrap=True)


def _whole(operations: Any, beginning: str) -> str:
    """Find the plan that the beginning of a name means."""
    rows = operations.rows(
        "select plan_id from plan_documents where substr(plan_id, 1, ?) = ?",
        [len(beginning), beginning],
    )
    if len(rows) != 1:
        raise NotReadyError(
            f"{beginning} names {len(rows)} plans: see `concord sync show`."
        )
    return str(rows[0]["plan_id"])


def _summary(made: "Plan", guarded: "Guarded | None") -> dict[str, Any]:
    from reverse_etl.document import document

    said = {"plan_id": made.plan_id, **json.loads(document(made))}
    if guarded is not None:
        said["guarded"] = {
            "ready": [each.change_id for each in guarded.ready],
            "waiting": [each.change_id for each in guarded.waiting],
            "held": {each.change.change_id: each.why for each in guarded.held},
        }
    return said


def _tables(made: "Plan", guarded: "Guarded | None") -> None:
    _rows(
        f"Plan {made.plan_id}: {len(made.changes)} changes, {len(made.standing)} stand",
        (
            {
                "record": change.record_key,
                "field": field.field,
                "there": field.theirs,
                "to be": field.ours,
                "why": change.reason,
            }
            for change in made.changes
            for field in change.fields
        ),
    )
    if made.issues:
        _rows("Left as it is", ({"why": each.sentence} for each in made.issues))
    if guarded is None:
        console.print("Nothing was recorded.")
        return
    console.print(
        f"{len(guarded.ready)} may go out, {len(guarded.waiting)} wait for approval,"
        f" {len(guarded.held)} held. Next: concord sync apply"
    )


def _rows(title: str, rows: Iterable[Mapping[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for place, row in enumerate(rows):
        if place == 0:
            for name in row:
                table.add_column(name, overflow="fold")
        cells = ("" if each is None else escape(str(each)) for each in row.values())
        table.add_row(*cells)
    show(table)


def _json(content: Any) -> str:
    def plain(value: Any) -> Any:
        return list(value) if isinstance(value, Iterable) else str(value)

    return json.dumps(content, ensure_ascii=False, default=plain)
