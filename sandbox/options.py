"""Options: what the command line says, checked; a mistake is told in one sentence."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn

from sandbox.clock import Clock
from sandbox.company.features import ALL_FEATURES, checked
from sandbox.disorder.plant import rates_of as disorder_of
from sandbox.faults import rates_of as faults_of
from sandbox.filling import Plan
from sandbox.vendors import VENDORS
from sandbox.zendesk.api import VENDOR_EXPORT_LAG_SECONDS

LOOPBACK = "127.0.0.1"

# Shares of all requests to a vendor. Rare is what a month of good operation looks
# like; storm is a bad night, in which a patient client still gets its work done.
FAULTS: Mapping[str, Mapping[str, float]] = {
    "none": {},
    "rare": {
        "lost_request": 0.001,
        "status": 0.004,
        "delay": 0.01,
        "expired_tokens": 0.0005,
        "lost_response": 0.001,
        "slow_body": 0.002,
        "truncated_body": 0.001,
    },
    "storm": {
        "lost_request": 0.02,
        "status": 0.08,
        "delay": 0.05,
        "expired_tokens": 0.01,
        "edit": 0.01,
        "lost_response": 0.02,
        "slow_body": 0.02,
        "truncated_body": 0.02,
    },
}

# Beyond these a name, an id or a date no longer fits its vendor's form.
MOST_CUSTOMERS = 1_000_000
MOST_MONTHS = 120
MOST_EVENTS = 100_000_000
MOST_WORKERS = 64
FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve, where, and how things stand there.

    Attributes:
        host: the address to listen on.
        port: of the plain door; 0 takes a free one.
        door_port: of the vendors' own hostnames; 0 takes a free one.
        home: for keys, the authority's certificate and what was written.
        plan: the company.
        clock: the vendors' idea of now.
        conditions: what differs from a vendor's own, by system and name; null goes
            back to its default.
        export_lag: the seconds that Zendesk's exports lag behind.
        workers: how many processes draw a large company.
    """

    host: str
    port: int
    door_port: int
    home: Path
    plan: Plan
    clock: Clock
    conditions: Mapping[str, Mapping[str, Any]]
    export_lag: int
    workers: int


class _Parser(argparse.ArgumentParser):
    """A parser that says one sentence, not the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Leave with what is wrong."""
        text = message[:1].upper() + message[1:]
        sys.stderr.write(text if text.endswith(".") else text + ".")
        sys.stderr.write("\n")
        sys.exit(2)


def options(given: list[str] | None = None, now: datetime | None = None) -> Options:
    """Read the command line; leaves with status 2 where it makes no sense."""
    parser = _parser()
    read = parser.parse_args(given)
    try:
        return _checked(read, now or datetime.now(UTC))
    except ValueError as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m sandbox",
        description="Play the vendors of an invented company, on loopback.",
    )
    add = parser.add_argument
    add("--host", default=LOOPBACK, help="127.0.0.1 and no other")
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--door-port", type=int, default=0, help="of the vendors' own hostnames")
    add("--seed", type=int, default=7, help="same seed, same company")
    add("--customers", type=int, default=400, help="with a contract")
    add("--months", type=int, default=24, help="of history")
    add("--as-of", default="2026-10-31", metavar="DAY", help="last day")
    add(
        "--features",
        default="all",
        help=f"all, none, or some of: {', '.join(sorted(ALL_FEATURES))}",
    )
    add(
        "--disorder",
        default="default",
        help="none, default (the demo's set), all (each at its usual rate), or a file"
        " of {name: share}",
    )
    add(
        "--faults",
        metavar="PROFILE",
        help="none, rare, storm, or a file of {seed, rates: {kind: share}, conditions:"
        " {system: {name: value}}}; left out, what was set before stays",
    )
    add(
        "--clock",
        default="wall",
        help="wall, an instant such as 2026-11-01T09:00:00Z, or INSTANT,frozen",
    )
    add(
        "--usage-events",
        type=int,
        default=0,
        metavar="N",
        help="write the metered usage as so many single events too",
    )
    add(
        "--workers",
        type=int,
        default=min(os.cpu_count() or 1, MOST_WORKERS),
        help="processes that draw a large company",
    )
    add("--home", type=Path, default=Path(".concord/sandbox"), help="for all files")
    add(
        "--export-lag",
        type=int,
        default=0,
        metavar="SECONDS",
        help="leave younger records out of Zendesk's exports, as Zendesk does "
        f"({VENDOR_EXPORT_LAG_SECONDS}); 0 shows a write at once",
    )
    return parser


def _checked(read: argparse.Namespace, now: datetime) -> Options:
    if read.host != LOOPBACK:
        raise ValueError(f"The sandbox serves {LOOPBACK} only, not {read.host}.")
    _within("customers", read.customers, 1, MOST_CUSTOMERS)
    _within("months", read.months, 1, MOST_MONTHS)
    _within("usage-events", read.usage_events, 0, MOST_EVENTS)
    _within("workers", read.workers, 1, MOST_WORKERS)
    as_of = _day(read.as_of)
    return Options(
        host=read.host,
        port=read.port,
        door_port=read.door_port,
        home=read.home,
        plan=Plan(
            seed=read.seed,
            customers=read.customers,
            months=read.months,
            as_of=as_of,
            features=_features(read.features),
            disorder=_disorder(read.disorder),
            usage_events=read.usage_events,
        ),
        clock=_clock(read.clock, as_of, now),
        conditions=_conditions(read.faults, read.seed),
        export_lag=read.export_lag,
        workers=read.workers,
    )


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"--{name} is from {least:,} to {most:,}, not {value:,}.")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"--as-of is a day such as 2026-10-31, not {text}.") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"--as-of is from {FIRST_DAY} to {LAST_DAY}, not {day}.")
    return day


def _features(text: str) -> frozenset[str]:
    if text == "all":
        return ALL_FEATURES
    if text == "none":
        return frozenset()
    try:
        return checked(frozenset(each.strip() for each in text.split(",")))
    except ValueError as error:
        raise ValueError(f"--features: {error}.") from error


def _disorder(text: str) -> str | Mapping[str, float]:
    try:
        return disorder_of(text if text in ("none", "default", "all") else _json(text))
    except ValueError as error:
        raise ValueError(_sentence("disorder", error)) from error


def _clock(text: str, as_of: date, now: datetime) -> Clock:
    """Return the clock; it begins when the company's last day is over, or later.

    Stamps must never run backwards.
    """
    over = datetime.combine(as_of + timedelta(days=1), time(), UTC)
    if text == "wall":
        return Clock(max(now, over))
    instant, _, standing = text.partition(",")
    try:
        start = datetime.fromisoformat(instant)
    except ValueError as error:
        raise ValueError(
            "--clock is wall, an instant such as 2026-11-01T09:00:00Z, or an instant"
            f" with ,frozen behind it, not {text}."
        ) from error
    if standing not in ("", "frozen"):
        raise ValueError(f"--clock takes ,frozen behind the instant, not ,{standing}.")
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    if start < over:
        raise ValueError(
            f"--clock begins after the company's last day, {over:%Y-%m-%dT%H:%M:%SZ}"
            f" or later, not {instant}."
        )
    return Clock(start, running=not standing)


def _conditions(text: str | None, seed: int) -> dict[str, dict[str, Any]]:
    """Return the conditions of all systems that a profile of faults asks for."""
    if text is None:
        return {}
    if text in FAULTS:
        told: Any = {"rates": FAULTS[text]}
    else:
        told = _json(text)
    names = {"seed", "rates", "conditions"}
    if not isinstance(told, dict) or not told.keys() <= names:
        raise ValueError("--faults: the file is {seed, rates, conditions}.")
    try:
        rates = faults_of({"seed": told.get("seed", seed), **_object(told, "rates")})
        drawn = rates if len(rates) > 1 else None
        found = {vendor.name: {"faults": drawn} for vendor in VENDORS}
        conditions = _object(told, "conditions")
        for system in conditions:
            found[_system(system)] |= _object(conditions, system)
        for each in found.values():
            if each["faults"] is not None:
                each["faults"] = faults_of(each["faults"])
    except ValueError as error:
        raise ValueError(_sentence("faults", error)) from error
    return found


def _system(name: str) -> str:
    if name not in {vendor.name for vendor in VENDORS}:
        raise ValueError(f"there is no system {name}")
    return name


def _object(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is a JSON object")  # noqa: TRY004 -- bad input
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(Path(text).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            f"{text} is no profile and no file that can be read"
            f" ({error.strerror or error})"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{text} is not JSON: {error}") from error


def _sentence(option: str, error: ValueError) -> str:
    return f"--{option}: {str(error).rstrip('.')}."
