"""The commands `concord identity`: who is who, why, and what people say about it.

Heavy imports stay inside the commands, so that help answers at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from orchestration.home import Home, NotReadyError, only_one, open_home, writing
from orchestration.terminal import console, document, show

if TYPE_CHECKING:
    from identity.explain import Compared
    from operations.pins import Kind

app = typer.Typer(
    help="Who is who: resolve customers, contacts and products, decide, ask why.",
    no_args_is_help=True,
)
By = Annotated[str, typer.Option(help="Who decides.", envvar="USER")]
Reason = Annotated[str, typer.Option(help="Why, for the auditor.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Record = Annotated[str, typer.Argument(help="system:object:id, as `review` shows it")]
SHOWN = 8  # candidates of a record that are shown, and findings of a pair


@app.command()
def run(
    *,
    everything: Annotated[
        bool, typer.Option("--full", help="Resolve all, not only what changed.")
    ] = False,
) -> None:
    """Resolve what changed since the last run, and say what became of it."""
    from identity.entities import ENTITIES
    from identity.model import load
    from identity.run import run as resolve
    from operations.store import Store

    home = _with_warehouse()
    with only_one(home, "concord identity run"), _said():
        models, at = [load(name) for name in ENTITIES], datetime.now(UTC)
        with writing(home, "identity"), Store(home.operations) as store:
            runs = {
                model.entity: resolve(
                    home.warehouse, store, model, at, is_full=everything
                )
                for model in models
            }
    for name, ran in runs.items():
        console.print(
            f"{ran.changed:,} records changed, {ran.resolved:,} of {ran.records:,} "
            f"resolved: {ran.golden:,} {name}, {ran.minted} new ids, "
            f"{ran.merged} merged, {ran.revived} taken apart",
            soft_wrap=True,
        )
    questions = sum(ran.questions for ran in runs.values())
    following = "concord identity review" if questions else "nothing is in doubt"
    console.print(
        f"[green]✓[/green] {questions} questions. Next: {following}", soft_wrap=True
    )


@app.command()
def review(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    *,
    as_json: AsJson = False,
) -> None:
    """List what may be one: neither merged nor created anew until decided."""
    from identity.entities import ENTITIES
    from identity.explain import questions
    from identity.model import load
    from identity.warehouse import opened

    home = _with_warehouse()
    with _said(), opened(home.warehouse, read_only=True) as connection:
        asked = [
            each for name in ENTITIES for each in questions(connection, load(name))
        ]
    if as_json:
        typer.echo(document(asked[:limit]))
        return
    for each in asked[:limit]:
        chance = "" if each.probability is None else f" ({each.probability:.0%})"
        console.print(f"[bold]{each.reason}[/bold]{chance}", soft_wrap=True)
        compared = each.compared
        # Not in a table: folded there, a key could not be copied.
        console.print(f"  {compared.left_key}  {escape(compared.left_name or '')}")
        console.print(f"  {compared.right_key}  {escape(compared.right_name or '')}")
        console.print(f"  {_found(compared)}\n", soft_wrap=True)
    if asked:
        console.print(
            "Decide: concord identity pin same|different LEFT RIGHT --reason '…'"
        )
    else:
        console.print("Nothing is in doubt.")
    if len(asked) > limit:
        console.print(f"{len(asked) - limit} more: --limit {len(asked)}")


@app.command()
def pin(
    kind: Annotated[str, typer.Argument(help="same, or different")],
    left: Record,
    right: Record,
    by: By = "",
    reason: Reason = "",
) -> None:
    """Say that two records are one, or two, whatever anything else says."""
    from identity.explain import require_known
    from identity.warehouse import opened
    from operations.pins import Signature
    from operations.pins import pin as say
    from operations.store import Store

    if kind not in {"same", "different"}:
        raise typer.BadParameter(f"{kind} is no pin: same or different.")
    chosen: Kind = "same" if kind == "same" else "different"
    home = _with_warehouse()
    with _said(), opened(home.warehouse, read_only=True) as connection:
        entity = require_known(connection, left, right)
    signed = Signature(by, datetime.now(UTC), reason)
    with _said(), Store(home.operations) as store:
        say(store, entity.name, chosen, (left, right), signed)
    console.print("[green]✓[/green] pinned. Next: concord identity run")


@app.command()
def unpin(left: Record, right: Record, by: By = "", reason: Reason = "") -> None:
    """Withdraw what was said of two records."""
    from identity.explain import entity_of
    from operations.pins import Signature
    from operations.pins import unpin as withdraw
    from operations.store import Store

    home = open_home()
    signed = Signature(by, datetime.now(UTC), reason)
    with _said(), Store(home.operations) as store:
        withdraw(store, entity_of(left).name, (left, right), signed)
    console.print("[green]✓[/green] withdrawn. Next: concord identity run")


@app.command()
def estimate(
    of: Annotated[
        str, typer.Argument(help="customers, contacts or products")
    ] = "customers",
    into: Annotated[
        Path | None, typer.Option(help="the model's file; the one in use, if unset")
    ] = None,
) -> None:
    """Learn a new version of the model from the records here; never done daily."""
    from identity.entities import ENTITIES
    from identity.estimate import another_version
    from identity.estimate import estimate as learn
    from identity.model import file_of, read
    from identity.warehouse import opened

    if of not in ENTITIES:
        raise typer.BadParameter(f"{of} is nothing that is resolved.")
    home = _with_warehouse()
    path = into or file_of(of)
    with _said(), opened(home.warehouse, read_only=True) as connection:
        learned = learn(
            connection, of, datetime.now(UTC).date(), f"the home {home.name}"
        )
        before = read(path) if path.exists() else None
        made = another_version(learned, before)
    made.save(path)
    console.print(
        f"[green]✓[/green] version {made.version} in {path}: compare it with the one "
        "before (git diff). Next: concord identity run, over everything",
        soft_wrap=True,
    )


@app.command()
def why(record: Record, *, as_json: AsJson = False) -> None:
    """Show whose a record is, by what, and which records it was compared with."""
    from identity.explain import entity_of
    from identity.explain import why as explain
    from identity.model import load
    from identity.warehouse import opened

    home = _with_warehouse()
    with _said(), opened(home.warehouse, read_only=True) as connection:
        whole = explain(connection, load(entity_of(record).name), record)
    if as_json:
        typer.echo(document(whole))
        return
    doubt = ", in review" if whole.is_in_review else ""
    members = _list(f"{record} is of {whole.golden_id}{doubt}")
    for name in ("record", "name", "came by"):
        members.add_column(name, overflow="fold")
    for each in whole.members:
        bits = "" if each.weight is None else f", {each.weight:+.1f} bits"
        linked = "" if each.linked_to is None else f" with {each.linked_to}{bits}"
        gone = "" if each.is_live else " [dim](deleted)[/dim]"
        members.add_row(each.record_key, f"{each.name}{gone}", each.evidence + linked)
    met = _list("Compared with")
    for name in ("bits", "record", "what was found"):
        met.add_column(name, overflow="fold")
    for one in whole.compared[:SHOWN]:
        left = one.left_key == record
        other = one.right_key if left else one.left_key
        called = one.right_name if left else one.left_name
        met.add_row(f"{one.weight:+.1f}", f"{called} [dim]{other}[/dim]", _found(one))
    show(members, met)


def _found(compared: "Compared") -> str:
    told = [f"{each.words} ({each.bits:+.1f})" for each in compared.findings[:SHOWN]]
    return f"[dim]{', '.join(told) or 'they never met in a comparison'}[/dim]"


def _list(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)


def _with_warehouse() -> Home:
    home = open_home()
    if not home.warehouse.exists():
        raise NotReadyError(
            f"{home.folder} has no warehouse yet: begin with concord run refresh."
        )
    return home


@contextmanager
def _said() -> Iterator[None]:
    """Let what identity refuses be said in its own sentence."""
    from identity.estimate import TooFewError
    from identity.explain import NotResolvedError
    from identity.model import UntrainedError
    from identity.records import OutOfOrderError
    from operations.pins import CannotPinError

    known = (
        TooFewError,
        NotResolvedError,
        OutOfOrderError,
        UntrainedError,
        CannotPinError,
    )
    try:
        yield
    except known as error:
        raise NotReadyError(str(error)) from error
