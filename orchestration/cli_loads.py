"""The commands of `concord` about loads: again, anew, what is held, what adds up.

Heavy imports stay inside the commands, so that help answers at once.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from orchestration.home import Home, only_one, open_home, require_space
from orchestration.terminal import console, reaching_systems, show

if TYPE_CHECKING:
    from ingestion.load import Wanted
    from ingestion.systems import System

app = typer.Typer()


@app.command()
def backfill(
    system: Annotated[str, typer.Argument(help="its name, such as stripe")],
    streams: Annotated[
        list[str] | None,
        typer.Argument(metavar="STREAM", help="raw tables; all, if none is named"),
    ] = None,
    since: Annotated[str, typer.Option(metavar="DAY", help="First day (UTC).")] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="Last day (UTC).")] = "",
) -> None:
    """Load what changed in some days again; without days, everything from the start.

    A run that broke off goes on where it was; records that are here stay single.
    """
    from orchestration.loads import again, known_day, known_streams, known_system

    with _named_rightly():
        one = known_system(system)
        chosen = known_streams(one, streams or ())
        wanted = again(chosen, known_day(since), known_day(until))
    home = open_home()
    with only_one(home, f"concord backfill {one.name}"):
        require_space(home.folder)
        with reaching_systems(home) as ready:
            _brought(ready, one, wanted)


@app.command()
def replay(
    system: Annotated[str, typer.Argument(help="its name, such as stripe")],
    streams: Annotated[
        list[str] | None,
        typer.Argument(metavar="STREAM", help="raw tables; all, if none is named"),
    ] = None,
    day: Annotated[
        str, typer.Option(metavar="DAY", help="Only what was loaded then (UTC).")
    ] = "",
) -> None:
    """Type stored records anew and try the quarantine again; no vendor is asked."""
    from ingestion.load import Wanted
    from orchestration.loads import known_day, known_streams, known_system

    with _named_rightly():
        one = known_system(system)
        chosen = known_streams(one, streams or ())
        wanted = Wanted(streams=chosen, is_stored=True, day=known_day(day))
    home = open_home()
    with only_one(home, f"concord replay {one.name}"):
        require_space(home.folder)
        _brought(home, one, wanted)


@app.command()
def quarantine(
    system: Annotated[str | None, typer.Argument(help="of one system only")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    full: Annotated[bool, typer.Option("--full", help="With the records.")] = False,
) -> None:
    """Show the records that fit nowhere: why, since when, and what to do."""
    from operations.quarantine import held
    from orchestration.arrived import quarantine_table, quarantine_values
    from orchestration.inbox import store

    name = _system_name(system)
    with store(open_home()) as operations:
        found = held(operations, name)
    if as_json:
        typer.echo(json.dumps(quarantine_values(found, is_full=full), indent=2))
    elif found:
        show(quarantine_table(found, is_full=full))
    else:
        console.print("Nothing is in quarantine.")


@app.command()
def loads(
    system: Annotated[str | None, typer.Argument(help="of one system only")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the control totals of each stream's last load."""
    from orchestration.arrived import latest, loads_tables, loads_values
    from orchestration.inbox import store

    name = _system_name(system)
    with store(open_home()) as operations:
        found = latest(operations, name)
    if as_json:
        typer.echo(json.dumps(loads_values(found), indent=2))
    elif found:
        show(*loads_tables(found))
    else:
        console.print("Nothing was loaded yet. Next: concord run refresh")


def _system_name(given: str | None) -> str | None:
    from orchestration.loads import known_system

    with _named_rightly():
        return None if given is None else known_system(given).name


def _brought(home: Home, one: "System", wanted: "Wanted") -> NoReturn:
    """Carry out a load of one system, say what came, and leave; 1 if a part failed."""
    from orchestration.arrived import came_table, plain
    from orchestration.explain import explain
    from orchestration.loads import carry_out

    outcome = carry_out(
        home, one, wanted, lambda sentence: console.print(f" {plain(sentence)}")
    )
    if outcome.loaded:
        show(came_table(outcome.loaded))
    held = sum(each.quarantined for each in outcome.loaded)
    if held:
        console.print(f"{held:,} records are held: see `concord quarantine {one.name}`")
    for fault in outcome.faults:
        console.print(f"[red]✕[/red] {plain(explain(fault))}", soft_wrap=True)
    if outcome.faults:
        raise typer.Exit(1)
    changed = sum(each.changed + each.deleted for each in outcome.loaded)
    following = "concord run refresh" if changed else "nothing, all of it was here"
    console.print(f"[green]✓[/green] {one.name} is loaded. Next: {following}")
    raise typer.Exit


@contextmanager
def _named_rightly() -> Iterator[None]:
    """Say in a sentence what was named and does not exist, and leave with 2."""
    from orchestration.arrived import plain
    from orchestration.loads import NotKnownError

    try:
        yield
    except NotKnownError as error:
        console.print(f"[red]✕[/red] {plain(str(error))}", soft_wrap=True)
        raise typer.Exit(2) from None
