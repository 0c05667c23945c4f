"""Demo: the whole loop once, on an invented company with planted mistakes.

The sandbox (and with it every mistake's truth) runs as its own process; the house
reaches it at the vendors' own addresses, through a proxy. The demo's home is made anew
each time: it belongs to the invented company and holds nothing that anybody decided.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.request import urlopen

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from orchestration.closing import Closing, close
from orchestration.home import (
    Home,
    NotReadyError,
    only_one,
    open_home,
    require_space,
    with_environment,
)
from orchestration.servers import announced

AS_OF = "2026-10-31"  # the invented company's books end here
PARTIES = "parties.json"  # Tryton's party of each customer, where Tryton is the ERP
COMPANY = "company.json"  # which company a home's last demo was about
# All that the sandbox can invent, save that every system writes a customer in a way of
# its own: then every name differs, and none by mistake.
FEATURES = (
    *("bundles", "credit_notes", "entities", "health", "hierarchy", "ledger"),
    *("lifecycle", "marketing", "payments", "segments", "terms", "tiers"),
)


@dataclass(frozen=True, slots=True)
class Company:
    """Which invented company the demo runs on."""

    customers: int = 200
    months: int = 24
    seed: int = 7
    erp: str = "netsuite"


def default_company(erp: str) -> Company:
    """Return the company that a demo takes unless told otherwise.

    A real server takes each invoice through its own rules, 60 a second on two cores:
    the two years of 200 customers would take minutes to enter.
    """
    return Company(erp=erp) if erp == "netsuite" else Company(40, 6, erp=erp)


def demo_home(company: Company) -> Home:
    """Open the demo's own home for this kind of company."""
    name = "demo" if company.erp == "netsuite" else f"demo-{company.erp}"
    return open_home({**os.environ, "CONCORD_ENV": name, "CONCORD_AS_OF": AS_OF})


@contextmanager
def invented(home: Home, company: Company) -> Iterator[tuple[Home, str]]:
    """Start the sandbox (and the real ERP, if one is wanted) for one company.

    Yields the home with the environment that reaches them, and the sandbox's address.
    """
    logs = home.folder / "logs"
    sandbox = [
        *("-m", "sandbox", "--port", "0", "--seed", str(company.seed)),
        *("--customers", str(company.customers), "--months", str(company.months)),
        *("--as-of", AS_OF, "--home", str(home.folder / "sandbox")),
        *("--features", ",".join(FEATURES) if company.erp == "netsuite" else "none"),
    ]
    with announced("sandbox", sandbox, logs / "sandbox.log", 180) as ready:
        environment = dict(ready["environment"])
        if company.erp == "netsuite":
            yield with_environment(home, environment), str(ready["url"])
            return
        tryton = [
            *("-m", "sandbox.tryton", "--home", str(home.folder / "tryton")),
            *("--sandbox-url", str(ready["url"])),
        ]
        with announced("Tryton server", tryton, logs / "tryton.log", 300) as erp:
            kept = {k: v for k, v in environment.items() if "NETSUITE" not in k}
            parties = erp["entered"]["parties"]
            (home.folder / PARTIES).write_text(json.dumps(parties), "utf-8")
            yield (
                with_environment(home, {**kept, **erp["environment"]}),
                str(ready["url"]),
            )


@contextmanager
def demo_again(home: Home) -> Iterator[tuple[Home, str]]:
    """Start the sandbox as the last demo of this home left it.

    A home without a demo gets the default company. Every write that the vendors took is
    on disk beside the sandbox, so that decisions can be carried out days later.
    """
    known = home.folder / COMPANY
    erp = home.name.partition("-")[2] or "netsuite"
    company = default_company(erp)
    if known.exists():
        company = Company(**json.loads(known.read_text(encoding="utf-8")))
    else:
        known.write_text(json.dumps(asdict(company)), "utf-8")
    home = Home(home.folder, home.name, {"CONCORD_AS_OF": AS_OF, **home.environ})
    with invented(home, company) as reached:
        yield reached


def run_demo(company: Company, console: Console) -> int:
    """Run the loop and print the closing table; 0 when it converged.

    Raises:
        NotReadyError: another run holds the home, or the disk is nearly full.
    """
    home = demo_home(company)
    with only_one(home, "the demo"):
        require_space(home.folder)
        _empty(home.folder)
        (home.folder / COMPANY).write_text(json.dumps(asdict(company)), "utf-8")
        started = time.monotonic()
        console.print(
            f"[bold]Concord[/bold] closes the loop on an invented company: "
            f"{company.customers} customers, {company.months} months, "
            f"ERP {company.erp}.\n",
            soft_wrap=True,
        )
        with invented(home, company) as (ready, url):
            console.print(
                f" ✓ {'sandbox':<26}{time.monotonic() - started:6.1f} s   {url}",
                highlight=False,
                soft_wrap=True,
            )
            return _close_the_loop(ready, url, console, started)


def _close_the_loop(home: Home, url: str, console: Console, started: float) -> int:
    os.environ.update(home.environ)
    # Dagster and dbt take a second to import: the refusals above should not wait.
    from orchestration.loop import run_loop

    outcome = run_loop(home, console)
    closing = close(
        _truth(url, home), outcome.found, outcome.remaining, outcome.waiting
    )
    console.print()
    console.print(_table(closing))
    for line in outcome.lines:
        console.print(f" {line}", highlight=False, soft_wrap=True)
    seconds = time.monotonic() - started
    failures = _failures(closing, outcome.second_plan, outcome.money_sent)
    if failures:
        for failure in failures:
            console.print(f"[red]✕[/red] {failure}", highlight=False)
        return 1
    console.print(
        f"\n[green]✓[/green] The loop closed in {seconds:.0f} s: after the push the "
        "second plan is empty.",
        highlight=False,
    )
    where = "" if home.name == "demo" else f"CONCORD_ENV={home.name} "
    console.print(
        f" Next: [bold]{where}make dev[/bold] (Dagster UI and dashboard) · "
        f"[bold]{where}.venv/bin/concord inbox[/bold] (what waits for a person)",
        soft_wrap=True,
    )
    return 0


def _failures(closing: Closing, second_plan: int, money_sent: int) -> list[str]:
    """Say each reason why the loop did not converge as it should."""
    reasons = []
    if money_sent:
        reasons.append(f"{money_sent} changes that touch money went unapproved.")
    if second_plan:
        reasons.append(
            f"The loop did not converge: the second plan still holds {second_plan} "
            "changes. See `concord sync plan --look`."
        )
    if closing.missed:
        missed = ", ".join(row.title for row in closing.rows if row.missed)
        reasons.append(f"{closing.missed} planted mistakes were missed: {missed}.")
    if closing.not_planted:
        reasons.append(
            f"{len(closing.not_planted)} breaks were found that nobody planted, first "
            f"{closing.not_planted[0]}."
        )
    return reasons


def _truth(url: str, home: Home) -> list[dict[str, str]]:
    """Ask the sandbox what it planted, as it stands where a real ERP took it over."""
    with urlopen(f"{url}/_sandbox/truth", timeout=30) as answer:  # noqa: S310  # ours
        planted: list[dict[str, str]] = json.load(answer)["planted"]
    parties = home.folder / PARTIES
    if not parties.exists():
        return planted
    party_of = json.loads(parties.read_text(encoding="utf-8"))
    for item in planted:
        if item["system"] == "netsuite":
            item["record_key"] = f"tryton:party:{party_of[item['record_id']]}"
    # Customers and invoices were entered there, no items: nothing to compare SKUs with.
    return [item for item in planted if item["kind"] != "sku_mismatch"]


def _empty(folder: Path) -> None:
    """Make the demo's home anew, keeping the lock that we hold.

    Raises:
        NotReadyError: the folder holds things and no demo ever made it.
    """
    entries = [entry for entry in folder.iterdir() if entry.name != "running.lock"]
    if entries and not (folder / COMPANY).exists():
        raise NotReadyError(
            f"{folder} holds {entries[0].name} and is no demo's home: point "
            "CONCORD_HOME elsewhere. Nothing was changed."
        )
    for entry in entries:
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _table(closing: Closing) -> Table:
    table = Table(
        title="What became of every planted mistake",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("kind", no_wrap=True)
    for name in ("planted", "found", "repaired", "waiting for\na person", "missed"):
        width = max(map(len, name.split("\n")))
        table.add_column(name, justify="right", no_wrap=True, min_width=width)
    for row in closing.rows:
        counts = (row.planted, row.found, row.repaired, row.waiting, row.missed)
        table.add_row(row.title, *(str(count) for count in counts))
    total = [
        sum(getattr(row, name) for row in closing.rows)
        for name in ("planted", "found", "repaired", "waiting", "missed")
    ]
    table.add_section()
    table.add_row("all", *(str(count) for count in total))
    return table
