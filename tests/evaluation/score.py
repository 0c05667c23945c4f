"""Score: which break says which planted mistake, and what nobody planted."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.disorder.registry import BY_NAME


@dataclass(frozen=True, slots=True)
class Break:
    """A break, and whose it is in the sandbox's words.

    Where it is explained, another check names its cause: it says what it found all the
    same, but claims nothing more.
    """

    check_id: str
    record_key: str
    subject: str
    customer: str | None = None
    is_explained: bool = False


@dataclass(frozen=True, slots=True)
class Mistake:
    """A planted mistake: the check that must find it, and those that may say it too.

    It is settled if nothing is wrong behind the raw tables: a record lost its link, and
    resolution gave it to its owner all the same. No check has to say so.
    """

    kind: str
    check_id: str
    consequences: frozenset[str]
    keys: frozenset[str]
    customer: str | None
    is_settled: bool = False

    @classmethod
    def of(cls, planted: Any, owners: Mapping[str, str]) -> "Mistake":
        """Read one from the sandbox's label.

        Args:
            planted: the label.
            owners: whom resolution gave each record of a customer, in the sandbox's
                words, by system and id.
        """
        known = BY_NAME.get(planted.kind)
        owner = owners.get(f"{planted.system}:{planted.record_id}")
        return cls(
            planted.kind,
            planted.check,
            frozenset(known.checks if known else ()) | {planted.check},
            frozenset({planted.record_key, *planted.also}),
            planted.customer,
            planted.check == "M01" and owner is not None and owner == planted.customer,
        )

    def is_said_by(self, broken: Break) -> bool:
        """Return whether the break is of this mistake: same check and same subject."""
        is_same = broken.record_key in self.keys or (
            self.customer is not None and broken.customer == self.customer
        )
        # M02R asks a person what M02 could not say alone.
        return is_same and broken.check_id.removesuffix("R") in self.consequences


@dataclass(frozen=True, slots=True)
class Line:
    """One check: how many mistakes it should find, found, and what it invented."""

    check_id: str
    planted: int
    settled: int  # of those planted: nothing was left to find
    found: int
    false: int
    missed: tuple[str, ...]  # kinds
    examples: tuple[str, ...]  # of what was not planted


@dataclass(frozen=True, slots=True)
class Score:
    """All checks, and the mistakes for which there is no check."""

    lines: tuple[Line, ...]
    unchecked: Mapping[str, int]
    breaks: int  # that no other explains

    @property
    def attributed(self) -> float:
        """The share of unexplained breaks that say a planted mistake, in percent."""
        false = sum(line.false for line in self.lines)
        return 100.0 if not self.breaks else 100 * (1 - false / self.breaks)

    @property
    def recall(self) -> float:
        """The share of mistakes with a check that their check found, in percent.

        What was settled before any check ran is left out.
        """
        planted = sum(line.planted - line.settled for line in self.lines)
        found = sum(line.found for line in self.lines)
        return 100.0 if not planted else 100 * found / planted


def _own_check(mistake: Mistake, known: Collection[str]) -> str:
    """Return which check must find it: its own, else the first that it names."""
    if mistake.check_id in known:
        return mistake.check_id
    return min(mistake.consequences & set(known), default=mistake.check_id)


def score(
    checks: Iterable[str], mistakes: Sequence[Mistake], breaks: Sequence[Break]
) -> Score:
    """Compare the breaks of a build with what was planted."""
    known = sorted(checks)
    own_check = {each: _own_check(each, known) for each in mistakes}
    by_check: dict[str, list[Break]] = defaultdict(list)
    for broken in breaks:
        by_check[broken.check_id].append(broken)
    lines = []
    for check_id in known:
        own = [each for each in mistakes if own_check[each] == check_id]
        unsaid = [
            each
            for each in own
            if not any(
                map(each.is_said_by, by_check[check_id] + by_check[f"{check_id}R"])
            )
        ]
        missed = [each.kind for each in unsaid if not each.is_settled]
        false = [
            broken.subject
            for broken in by_check[check_id]
            if not broken.is_explained
            and not any(each.is_said_by(broken) for each in mistakes)
        ]
        lines.append(
            Line(
                check_id=check_id,
                planted=len(own),
                settled=len(unsaid) - len(missed),
                found=len(own) - len(unsaid),
                false=len(false),
                missed=tuple(missed),
                examples=tuple(false[:3]),
            )
        )
    unexplained = sum(not broken.is_explained for broken in breaks)
    without = Counter(
        each.check_id for each in mistakes if own_check[each] not in known
    )
    return Score(tuple(lines), dict(sorted(without.items())), unexplained)
