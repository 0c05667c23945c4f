"""The command `concord`: run the loop, look at it, decide.

Heavy imports stay inside the commands, so that help answers at once.
"""

import json
import os
import signal
import sys
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from orchestration import (
    cli_close,
    cli_decide,
    cli_export,
    cli_identity,
    cli_inbox,
    cli_loads,
    cli_sync,
)
from orchestration.home import (
    Home,
    only_one,
    open_home,
    require_space,
)
from orchestration.terminal import console, document, reaching_systems, show

app = typer.Typer(
    name="concord",
    help="Make CRM, CPQ, billing, payments, support and ERP agree, and prove it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_loads.app)
app.add_typer(cli_decide.app)
app.add_typer(cli_inbox.app)
app.add_typer(cli_close.app)
app.add_typer(cli_identity.app, name="identity")
app.add_typer(cli_sync.app, name="sync")
app.add_typer(cli_export.app, name="export")
TERMINATED = 128 + signal.SIGTERM
By = Annotated[str, typer.Option(help="Who decides.", envvar="USER")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Reason = Annotated[str, typer.Option(help="Why, for the auditor.")]


def main() -> None:
    """Run the command; a failure is one sentence and exit code 1."""
    # Asked to end, we leave as on Ctrl-C: what we started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        app(standalone_mode=True)
    except Exception as error:
        if "CONCORD_DEBUG" in os.environ:
            raise
        from orchestration.explain import explain

        console.print(f"[red]✕[/red] {escape(explain(error))}", soft_wrap=True)
        sys.exit(1)


@app.command()
def demo(
    customers: Annotated[int | None, typer.Option(min=20, max=5000)] = None,
    months: Annotated[int | None, typer.Option(min=6, max=36)] = None,
    seed: int = 7,
    erp: Annotated[str, typer.Option(help="netsuite, or tryton: a real server")] = (
        "netsuite"
    ),
) -> None:
    """Run the whole loop once on an invented company with planted mistakes."""
    from orchestration.demo import Company, default_company, run_demo

    if erp not in {"netsuite", "tryton"}:
        raise typer.BadParameter(f"{erp} is no ERP of the demo: netsuite or tryton.")
    company = default_company(erp)
    chosen = Company(
        customers or company.customers, months or company.months, seed, erp
    )
    raise typer.Exit(run_demo(chosen, console))


@app.command()
def dev() -> None:
    """Serve the sandbox, the Dagster UI, the dashboard and webhooks on loopback."""
    from orchestration.dev import serve

    serve(console)


@app.command()
def run(
    job: Annotated[str, typer.Argument(help="close_loop, refresh, send_approved")] = (
        "close_loop"
    ),
    *,
    whole: Annotated[
        bool, typer.Option(help="Build every model, also where nothing changed.")
    ] = False,
    if_news: Annotated[
        bool, typer.Option(help="Only where a system has something new.")
    ] = False,
) -> None:
    """Run one job on the systems of this environment; exit 1 when it did not close."""
    from orchestration.loop import failed_checks, run_job

    if whole and job == "send_approved":
        raise typer.BadParameter("send_approved builds models only to confirm.")
    home = open_home()
    with only_one(home, f"concord run {job}"):
        require_space(home.folder)
        with reaching_systems(home) as ready:
            if if_news:
                _insist_on_news(ready)
            failed = failed_checks(run_job(ready, job, console, is_whole=whole))
    for check in failed:
        console.print(f"[red]✕[/red] {check}", soft_wrap=True)
    raise typer.Exit(1 if failed else 0)


def _insist_on_news(home: Home) -> None:
    """Ask the systems, and end here where none has something new.

    Raises:
        Exit: with 1 where one could not say.
    """
    from orchestration.loads import news

    found = news(home)
    for fault in found.faults:
        console.print(f"[red]✕[/red] {escape(str(fault))}", soft_wrap=True)
    said = f"New in {', '.join(found.systems)}" if found.systems else "Nothing is new"
    console.print(f"{said}.")
    if not found.systems:
        raise typer.Exit(1 if found.faults else 0)


@app.command()
def receive() -> None:
    """Take webhooks of the systems whose secrets are set, and keep what they tell."""
    from orchestration.receiving import serve

    serve(open_home(), console)


@app.command()
def orphans() -> None:
    """End runs that died with their machine; only before the daemon starts."""
    from orchestration.loop import instance
    from orchestration.orphans import end_orphans

    home = open_home()
    with only_one(home, "concord orphans"), instance(home) as dagster:
        ended = end_orphans(dagster)
    console.print(f"[green]✓[/green] {len(ended)} runs had died and were ended.")


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Show changes by state and open breaks; exit 1 when somebody has to act."""
    from orchestration.inbox import has_open, status_table, status_values

    home = open_home()
    values = status_values(home)
    if as_json:
        typer.echo(json.dumps(values, indent=2))
    else:
        console.print(status_table(values))
    raise typer.Exit(1 if has_open(home) else 0)


@app.command()
def doctor(
    *,
    alert: Annotated[
        bool, typer.Option(help="Only send a test message on every channel of alerts.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at disk, stores, models and each system; exit 1 when something is wrong."""
    from orchestration.doctor import (
        Finding,
        examination_table,
        examination_values,
        tell,
    )
    from orchestration.doctor import examine as look

    home = open_home()
    if alert:
        found = tell(home, datetime.now(UTC))
    else:
        with reaching_systems(home) if home.is_invented else nullcontext(home) as ready:
            found = look(ready)
    if as_json:
        typer.echo(json.dumps(examination_values(found), indent=2))
    else:
        show(examination_table(found))
    raise typer.Exit(any(each.finding is Finding.BAD for each in found))


@app.command()
def inbox(*, as_json: AsJson = False) -> None:
    """List what waits for a person: changes to approve and breaks to decide."""
    from orchestration.inbox import breaks_table, inbox_values, waiting_table

    home = open_home()
    if as_json:
        typer.echo(json.dumps(inbox_values(home), indent=2))
    else:
        show(waiting_table(home), breaks_table(home))


@app.command()
def metrics(
    *,
    markdown: Annotated[bool, typer.Option(help="As docs/metrics.md.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what each metric means, and in which unit it is stated."""
    from orchestration.build import manifest_path
    from orchestration.glossary import glossary_page, glossary_table
    from orchestration.glossary import metrics as defined

    found = defined(manifest_path())
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], indent=2))
    elif markdown:
        typer.echo(glossary_page(found), nl=False)
    else:
        show(glossary_table(found))


@app.command()
def checks(
    *,
    markdown: Annotated[bool, typer.Option(help="As docs/reconciliation.md.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the reconciliation checks: what must be so, who answers, and the repair."""
    from orchestration.build import manifest_path
    from orchestration.catalogue import catalogue_page, catalogue_table
    from orchestration.catalogue import checks as defined

    found = defined(manifest_path())
    if as_json:
        typer.echo(document(found))
    elif markdown:
        typer.echo(catalogue_page(found), nl=False)
    else:
        show(catalogue_table(found))


@app.command()
def why(
    subject: Annotated[
        str, typer.Argument(help="a record as system:object:id, or a customer's id")
    ],
    field: Annotated[
        str | None, typer.Argument(help="one golden field; all, if unset")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show where golden values come from, and which were not taken.

    `concord sync why` says why a value stands in a system.
    """
    from orchestration.provenance import provenance_table, values

    if as_json:
        customer_id, rows = values(open_home(), subject, field)
        typer.echo(document({"customer_id": customer_id, "values": rows}))
    else:
        show(provenance_table(open_home(), subject, field))


@app.command()
def revenue(
    scenario: Annotated[Path, typer.Argument(help="see docs/scenarios.md")],
) -> None:
    """Recognize a scenario's revenue; exit 1 when it is not what the file expects."""
    from orchestration.scenarios.amounts import BadScenarioError
    from orchestration.scenarios.run import run as run_scenario
    from orchestration.scenarios.run import show_outcome

    try:
        outcome = run_scenario(scenario)
    except BadScenarioError as error:
        console.print(f"[red]✕[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(2) from error
    show_outcome(outcome, console)
    raise typer.Exit(0 if outcome.passed else 1)


@app.command()
def trace(
    contract: Annotated[str, typer.Argument(help="a contract's id or number")],
    month: Annotated[
        datetime, typer.Argument(help="the month, as 2026-03", formats=["%Y-%m"])
    ],
    role: Annotated[
        str | None, typer.Option(help="one account role, such as revenue")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what lies behind a contract's postings of a month, down to its invoices."""
    from orchestration.tracing import trace as traced
    from orchestration.tracing import trace_tables, trace_title

    found = traced(open_home(), contract, month.date(), role)
    if as_json:
        typer.echo(document(found))
        return
    console.print(escape(trace_title(found)), soft_wrap=True)
    show(*trace_tables(found))


if __name__ == "__main__":
    main()
