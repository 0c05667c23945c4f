"""Doctor: is everything there that a run needs, and if not, what to do about it.

Nothing is changed anywhere. A system is asked as a load would ask it, for the first
page of what changed within the last minutes of each walk: so credential, scopes,
reachability and the shape of answers are those of the real thing.
"""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import duckdb
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from dashboard import access
from ingestion.errors import SystemFault
from ingestion.readings import Known, Step
from ingestion.systems import SYSTEMS, System
from operations.audit import TamperedError, verify
from operations.store import Store, StoreTooNewError
from orchestration.alerts import trial
from orchestration.build import BuildFailedError, manifest_path
from orchestration.channels import SLACK, SMTP, WEBHOOK, NotSentError, channels
from orchestration.explain import explain
from orchestration.home import SPACE_NEEDED_BYTES, Home

# Loads overlap by minutes, so a clock that is off by less loses nothing.
MOST_SKEW = timedelta(minutes=2)
RECENT = timedelta(minutes=5)


class Finding(StrEnum):
    """What came of looking at one thing."""

    GOOD = "good"
    ABSENT = "absent"  # not used here; no mistake
    BAD = "bad"


MARKS = {
    Finding.GOOD: "[green]✓[/green]",
    Finding.ABSENT: "[dim]·[/dim]",
    Finding.BAD: "[red]✕[/red]",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: what was found, and the next step if it is bad."""

    subject: str
    finding: Finding
    detail: str


def examine(home: Home) -> list[Diagnosis]:
    """Look at this installation and at each of its systems; systems side by side."""
    with ThreadPoolExecutor(len(SYSTEMS), "doctor") as pool:
        asked = pool.map(lambda system: list(_system(home, system)), SYSTEMS)
        local = [look(home) for look in LOOKS]
        return [*local, *(each for found in asked for each in found)]


def examination_table(found: list[Diagnosis]) -> Table:
    """Show what was found, one line each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("looked at", no_wrap=True)
    table.add_column("found", overflow="fold")
    for each in found:
        table.add_row(MARKS[each.finding], each.subject, escape(each.detail))
    return table


def examination_values(found: list[Diagnosis]) -> list[dict[str, Any]]:
    """Return what was found for programs."""
    return [asdict(each) for each in found]


def _disk(home: Home) -> Diagnosis:
    free = shutil.disk_usage(home.folder).free
    detail = f"{free // 2**20:,} MB are free for {home.folder}"
    if free < SPACE_NEEDED_BYTES:
        needed = SPACE_NEEDED_BYTES // 2**20
        return _bad("disk", f"{detail}; a run needs {needed} MB: free some space")
    return _good("disk", detail)


def _operations(home: Home) -> Diagnosis:
    if not home.operations.exists():
        return _absent("operations store", "nothing was decided or sent yet")
    try:
        with Store(home.operations) as store:
            head = verify(store)
    except (TamperedError, StoreTooNewError) as error:
        return _bad(
            "operations store", f"{error} Restore {home.operations} from its backup."
        )
    return _good("operations store", f"the audit chain of {head.seq:,} rows holds")


def _warehouse(home: Home) -> Diagnosis:
    if not home.warehouse.exists():
        return _absent("warehouse", "not built yet: concord run")
    try:
        duckdb.connect(str(home.warehouse), read_only=True).close()
    except duckdb.Error as error:
        return _bad("warehouse", explain(error))
    size = home.warehouse.stat().st_size // 2**20
    return _good("warehouse", f"{home.warehouse} opens, {size:,} MB")


def _access(home: Home) -> Diagnosis:
    """Read who may see what of the dashboard."""
    from dashboard.pages import SECTIONS

    pages = {page.PATH for section in SECTIONS.values() for page in section}
    file = home.folder / access.FILE
    try:
        rules = access.read(file)
        if rules is None:
            return _absent(
                "dashboard access", f"{file} is not there: open to whoever reaches it"
            )
        access.known_pages(rules, pages)
    except access.AccessFileError as error:
        return _bad("dashboard access", str(error))
    names = ", ".join(role.name for role in rules.roles)
    return _good(
        "dashboard access",
        f"roles: {names}; {'signs in itself' if rules.signs_in else 'behind a proxy'}",
    )


def _alerts(home: Home) -> Diagnosis:
    try:
        ways = channels(home.environ)
    except NotSentError as error:
        return _bad("alerts", str(error))
    if not ways:
        return _absent("alerts", f"nobody is told: set {SLACK}, {SMTP} or {WEBHOOK}")
    names = ", ".join(each.name for each in ways)
    return _good("alerts", f"told by {names}; --alert tries whether they arrive")


def tell(home: Home, at: datetime) -> list[Diagnosis]:
    """Send a message on every channel that says only that messages arrive."""
    found = []
    for way in channels(home.environ):
        try:
            way.send(trial(home, at), at)
        except NotSentError as error:
            found.append(_bad(f"alerts by {way.name}", str(error)))
        else:
            found.append(_good(f"alerts by {way.name}", "a message was taken"))
    return found


def _models(home: Home) -> Diagnosis:
    del home
    try:
        manifest_path()
    except BuildFailedError as error:
        return _bad("dbt project", explain(error))
    return _good("dbt project", "it parses")


LOOKS: tuple[Callable[[Home], Diagnosis], ...] = (
    _disk,
    _operations,
    _warehouse,
    _models,
    _access,
    _alerts,
)


def _system(home: Home, system: System) -> Iterator[Diagnosis]:
    """Ask a system for what it would tell a load now, each of its walks once."""
    missing = [name for name in system.required if not home.environ.get(name)]
    if len(missing) == len(system.required):
        yield _absent(system.name, f"not connected: {', '.join(missing)} are not set")
        return
    if missing:
        yield _bad(system.name, f"half connected: set {', '.join(missing)} too")
        return
    try:
        rest = system.connect(home.environ)
    except SystemFault as fault:
        yield _bad(system.name, str(fault))
        return
    now = datetime.now(UTC)
    swept = {stream.name: now for stream in system.streams}
    since = dict.fromkeys(swept, now - RECENT)
    readings = system.vendor.readings(Known(now, since, swept, swept))
    answered = []
    with rest:
        for reading in readings:
            try:
                reading.fetch(Step(rest, since=now - RECENT))
            except SystemFault as fault:
                yield _bad(f"{system.name} {reading.name}", str(fault))
            else:
                answered.append(reading.name)
        skew = abs((rest.read_at or now) - now)
    if answered:
        yield _good(system.name, f"answers for {', '.join(answered)}")
    if skew > MOST_SKEW and not home.is_invented:  # whose sandbox has its own time
        yield _bad(
            f"{system.name} clock",
            f"its clock and ours are {skew.total_seconds():.0f} seconds apart: "
            "let this machine take its time from a time server",
        )


def _good(subject: str, detail: str) -> Diagnosis:
    return Diagnosis(subject, Finding.GOOD, detail)


def _absent(subject: str, detail: str) -> Diagnosis:
    return Diagnosis(subject, Finding.ABSENT, detail)


def _bad(subject: str, detail: str) -> Diagnosis:
    return Diagnosis(subject, Finding.BAD, detail)
