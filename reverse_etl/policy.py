"""Policy: the limits within which changes go out without asking a person.

Read from `guards.yml` beside the contract, with the installation's own laid over it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from reverse_etl.change import Change

GUARDS = Path(__file__).with_name("guards.yml")


class PolicyError(Exception):
    """A guards file says something that cannot be followed; the sentence names it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What some golden columns are to the business, and how many may go unseen."""

    columns: frozenset[str]
    limit: int  # changes in one run


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits; each is explained where its value is, in `guards.yml`."""

    # One mistake in an owner's system must not reach every record of the others.
    run_limit: int = 200
    run_limits: Mapping[str, int] = field(default_factory=dict)
    share_limit: Fraction = Fraction(1, 4)
    share_floor: int = 25
    frozen: frozenset[str] = frozenset()
    quiet_hours: tuple[time, time] | None = None
    approval_fields: frozenset[str] = frozenset()
    # While people decide whether two records are one, neither is written to.
    ambiguous_checks: frozenset[str] = frozenset({"M02R"})
    red_checks: frozenset[str] = frozenset()
    merging: frozenset[str] = frozenset({"duplicate_of"})
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    arr_columns: frozenset[str] = frozenset()
    arr_share_limit: Fraction = Fraction(1, 200)
    approval_term: timedelta = timedelta(hours=24)
    two_people_meanings: frozenset[str] = frozenset()
    two_people_above_minor: Mapping[str, int] | None = None  # None: one is enough
    quota_share: Fraction = Fraction(3, 5)
    canary: int = 10
    breaker_share: Fraction = Fraction(1, 4)

    def is_quiet(self, at: datetime) -> bool:
        """Say whether `at` lies in the quiet hours, which may span midnight."""
        if self.quiet_hours is None:
            return False
        start, end = self.quiet_hours
        now = at.astimezone(UTC).time()
        if start <= end:
            return start <= now < end
        return now >= start or now < end

    def meant(self, change: Change) -> set[str]:
        """Return what an update means; a new record means nothing but itself."""
        touched = {each.canonical for each in change.fields}
        return {
            name
            for name, meaning in self.meanings.items()
            if change.action == "update" and touched & meaning.columns
        }

    def moves_arr(self, change: Change) -> bool:
        """Say whether a change moves recurring revenue."""
        return any(each.canonical in self.arr_columns for each in change.fields)

    def people(self, change: Change) -> int:
        """Return how many people have to approve a change that needs approval."""
        if self.meant(change) & self.two_people_meanings:
            return 2
        if change.amount_minor is None or self.two_people_above_minor is None:
            return 1
        most = self.two_people_above_minor.get(change.currency or "", -1)
        return 2 if abs(change.amount_minor) > most else 1


def load_policy(*overlays: Path) -> Policy:
    """Read the guards, with each overlay that exists laid over what came before.

    Raises:
        PolicyError: A key is unknown, or its value is of another kind.
    """
    given: dict[str, Any] = {}
    for path in (GUARDS, *overlays):
        if not path.exists():
            continue
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if unknown := sorted(found.keys() - _KEYS):
            raise PolicyError(f"{path} says {unknown[0]}, which is no guard.")
        given |= found
    try:
        return _policy(given)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise PolicyError(f"The guards cannot be followed: {error}.") from error


_KEYS = {each.name for each in fields(Policy)} - {
    "arr_columns",
    "arr_share_limit",
    "approval_term",
    "two_people_meanings",
    "two_people_above_minor",
} | {"arr", "approval_hours", "two_people"}


def _policy(given: Mapping[str, Any]) -> Policy:
    return Policy(
        run_limit=int(given["run_limit"]),
        run_limits={name: int(most) for name, most in given["run_limits"].items()},
        share_limit=Fraction(given["share_limit"]),
        share_floor=int(given["share_floor"]),
        frozen=frozenset(given["frozen"]),
        quiet_hours=_hours(given["quiet_hours"]),
        approval_fields=frozenset(given["approval_fields"]),
        ambiguous_checks=frozenset(given["ambiguous_checks"]),
        red_checks=frozenset(given["red_checks"]),
        merging=frozenset(given["merging"]),
        meanings={
            name: Meaning(frozenset(said["columns"]), int(said["limit"]))
            for name, said in given["meanings"].items()
        },
        arr_columns=frozenset(given["arr"]["columns"]),
        arr_share_limit=Fraction(given["arr"]["share_limit"]),
        approval_term=timedelta(hours=float(given["approval_hours"])),
        two_people_meanings=frozenset(given["two_people"]["meanings"]),
        two_people_above_minor={
            currency: int(most)
            for currency, most in given["two_people"]["above_minor"].items()
        },
        quota_share=Fraction(given["quota_share"]),
        canary=int(given["canary"]),
        breaker_share=Fraction(given["breaker_share"]),
    )


def _hours(given: Iterable[str]) -> tuple[time, time] | None:
    hours = [time.fromisoformat(each) for each in given]
    if not hours:
        return None
    start, end = hours
    return start, end
