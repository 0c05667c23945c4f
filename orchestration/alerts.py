"""Alerts: what is wrong now, in a sentence with the next step, and what was said of it.

What is wrong is looked up anew each time, in the stores; so an alert that was not sent
is sent later, and one that was is not sent again. Sentences name checks, systems and
ids: no name of a customer leaves by an alert.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from dashboard.published import PublicationError, current
from ingestion.systems import SYSTEMS
from operations.exceptions import Exception_, open_exceptions
from operations.lifecycle import ESCALATED_TO
from operations.store import Store
from orchestration.arrived import latest
from orchestration.home import Home

GRAVEST = "S1"
# Loads are hourly; the raw assets' policy fails then, in the Dagster UI.
STALE_AFTER = timedelta(hours=6)
# A copy is published with every whole run; the dashboard calls its sources late then.
OLD_AFTER = timedelta(hours=26)
NAMED = 5  # ids in a message; the page has them all

RUNBOOK = "CONCORD_RUNBOOK_URL"
DASHBOARD = "CONCORD_DASHBOARD_URL"
DAGSTER = "CONCORD_DAGSTER_URL"
_DEFAULTS = {
    RUNBOOK: "docs/runbook.md",
    DASHBOARD: "http://127.0.0.1:8501",
    DAGSTER: "http://127.0.0.1:3000",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is wrong."""

    fingerprint: str  # the same for as long as it is the same trouble
    topic: str  # what is told of in one message
    headline: str  # of the topic
    about: str  # this one, in a few words
    next_step: str
    page: str
    section: str  # of the runbook
    step: int = 0  # it is told of again when this rises


@dataclass(frozen=True, slots=True)
class Notice:
    """One message: several of one topic together, or that they are over."""

    topic: str
    headline: str
    is_over: bool
    about: tuple[str, ...] = ()
    next_step: str = ""
    page: str = ""
    runbook: str = ""


# What was said already: by fingerprint the topic, its headline and the step.
Said = Mapping[str, tuple[str, str, int]]


def address(home: Home, setting: str) -> str:
    """Return where people find the dashboard, the Dagster UI or the runbook."""
    return (home.environ.get(setting) or _DEFAULTS[setting]).rstrip("/")


def wrong(home: Home, at: datetime) -> list[Alert]:
    """Return what the stores of this home say is wrong, runs excepted."""
    if not home.operations.exists():
        return []
    with Store(home.operations) as store:
        found = open_exceptions(store)
        loaded = {system.name: latest(store, system.name) for system in SYSTEMS}
    connected = {each.name for each in SYSTEMS if each.is_connected(home.environ)}
    newest = {
        system: max(each.at for each in totals)
        for system, totals in loaded.items()
        if totals and system in connected
    }
    return [
        *_breaks(home, found, at),
        *_stale(home, newest, at),
        *_unpublished(home, at),
    ]


def _breaks(home: Home, found: Iterable[Exception_], at: datetime) -> list[Alert]:
    page = f"{address(home, DASHBOARD)}/inbox"
    told = []
    for each in found:
        broken = each.broken
        if broken.severity != GRAVEST:
            continue
        about = broken.record_key or broken.fingerprint
        told.append(
            Alert(
                f"break:{each.exception_id}",
                f"break:{broken.kind}",
                f"{GRAVEST} break of {broken.kind}, {broken.owner}",
                about,
                "decide or repair it: `concord inbox` shows both sides and the repair",
                page,
                "a-grave-break-opened",
            )
        )
        if each.is_late(at):
            whom = (broken.owner, *ESCALATED_TO[1:])[max(each.escalation, 1) - 1]
            told.append(
                Alert(
                    f"late:{each.exception_id}",
                    f"late:{broken.kind}:{whom}",
                    f"{GRAVEST} break of {broken.kind} is past its time, for {whom}",
                    about,
                    "close it, or accept it with a reason: `concord accept`",
                    page,
                    "a-grave-break-is-late",
                    step=each.escalation,
                )
            )
    return told


def _stale(home: Home, newest: Mapping[str, datetime], at: datetime) -> list[Alert]:
    return [
        Alert(
            f"stale:{system}",
            f"stale:{system}",
            f"{system} was not loaded for {_hours(at - loaded)}",
            f"last load {loaded:%Y-%m-%d %H:%M} UTC",
            "see whether the schedule `hourly` is on and what its last run says",
            f"{address(home, DASHBOARD)}/trust",
            "a-source-is-stale",
        )
        for system, loaded in sorted(newest.items())
        if at - loaded > STALE_AFTER
    ]


def _unpublished(home: Home, at: datetime) -> list[Alert]:
    try:
        published_at = current(home.published).published_at
    except PublicationError:
        return []  # nothing was published yet: there is nobody to mislead
    if at - published_at <= OLD_AFTER:
        return []
    return [
        Alert(
            "stale:published",
            "stale:published",
            f"The dashboard shows numbers of {_hours(at - published_at)} ago",
            f"published {published_at:%Y-%m-%d %H:%M} UTC",
            "see why the last run of `close_loop` did not publish",
            f"{address(home, DASHBOARD)}/trust",
            "a-source-is-stale",
        )
    ]


def notices(now: Sequence[Alert], said: Said, runbook: str) -> list[Notice]:
    """Return what has to be said: what is new, by topic, and what is over."""
    new = [
        each
        for each in now
        if each.fingerprint not in said or said[each.fingerprint][2] < each.step
    ]
    told = []
    for topic, some in groupby(sorted(new, key=_by_topic), lambda each: each.topic):
        together = list(some)
        first = together[0]
        about = [each.about for each in together[:NAMED]]
        if len(together) > NAMED:
            about.append(f"and {len(together) - NAMED} more")
        told.append(
            Notice(
                topic,
                _counted(first.headline, len(together)),
                is_over=False,
                about=tuple(about),
                next_step=first.next_step,
                page=first.page,
                runbook=f"{runbook}#{first.section}",
            )
        )
    still = {each.fingerprint for each in now}
    over: dict[str, list[str]] = {}
    for fingerprint, (topic, headline, _) in said.items():
        if fingerprint not in still:
            over.setdefault(topic, []).append(headline)
    told += [
        Notice(topic, _counted(headlines[0], len(headlines)), is_over=True)
        for topic, headlines in sorted(over.items())
    ]
    return told


def remembered(now: Iterable[Alert]) -> dict[str, tuple[str, str, int]]:
    """Return what was said once all of this was."""
    return {
        each.fingerprint: (each.topic, each.headline, each.step)
        for each in sorted(now, key=_by_topic)
    }


def trial(home: Home, at: datetime) -> Notice:
    """Return a message that says only that messages arrive."""
    return Notice(
        f"trial:{at.isoformat()}",
        f"Concord ({home.name}) tries whether its alerts arrive",
        is_over=False,
        about=(f"sent {at:%Y-%m-%d %H:%M} UTC by `concord doctor --alert`",),
        next_step="nothing is wrong",
        page=address(home, DASHBOARD),
        runbook=f"{address(home, RUNBOOK)}#alerts",
    )


def values(notice: Notice) -> dict[str, Any]:
    """Return a message for a program."""
    return {
        "type": "alert.over" if notice.is_over else "alert.opened",
        "topic": notice.topic,
        "headline": notice.headline,
        "about": list(notice.about),
        "next_step": notice.next_step,
        "page": notice.page,
        "runbook": notice.runbook,
    }


def _by_topic(alert: Alert) -> tuple[str, str]:
    return alert.topic, alert.fingerprint


def _counted(headline: str, count: int) -> str:
    return headline if count == 1 else f"{headline} ({count})"


def _hours(past: timedelta) -> str:
    return f"{past // timedelta(hours=1)} hours"
