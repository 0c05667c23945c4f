"""Resolution: which records are one. A pure function, in one fixed order.

Evidence is taken from the strongest down: what people pinned, what systems refer to,
what the model weighs. Each step joins two groups unless something says that they are
two; what is neither joined nor known to be two is for people.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from identity.grouping import Group, Groups

Evidence = Literal["pin", "reference", "duplicate", "model"]


@dataclass(frozen=True, slots=True)
class Record:
    """What resolution has to know of a record besides its pairs.

    What it means for each entity stands in its `Rules`; `value` is in a scope.
    """

    key: str
    kind: str
    is_live: bool = True
    value: tuple[str, str] | None = None
    proof: str | None = None
    named: str | None = None
    placed: str | None = None
    parent_key: str | None = None
    telling: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that the model compared.

    If they are strong, they are one even where one system has both.
    """

    left: str
    right: str
    weight: float
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Explicit:
    """Two records of which a system says that they are one."""

    left: str
    right: str
    evidence: Literal["reference", "duplicate"]


@dataclass(frozen=True, slots=True)
class Pin:
    """What a person said of two records: that they are one, or that they are two."""

    left: str
    right: str
    is_same: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many bits on pairs are linked, or asked about; see `Model`."""

    link: float
    review: float
    margin: float


@dataclass(frozen=True, slots=True)
class Link:
    """Two records on whose account two groups were joined."""

    left: str
    right: str
    evidence: Evidence
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Two groups that may be one: the pair that says so loudest, and why we ask."""

    left: str
    right: str
    weight: float | None
    reason: str


@dataclass(slots=True)
class Resolved:
    """The groups, the links that made them, and what is left to people."""

    groups: list[tuple[str, ...]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


GREY = "the evidence is not enough"
AMBIGUOUS = "another record fits as well, and only one can be right"
SAME_SYSTEM = "the system already has another record of it"
CONTRADICTED = "a system refers to it, and everything else says otherwise"


def resolve(
    records: Iterable[Record],
    explicit: Iterable[Explicit],
    pairs: Iterable[Pair],
    pins: Iterable[Pin],
    limits: Limits,
) -> Resolved:
    """Return who is who; the order of what is given makes no difference."""
    known = {each.key: each for each in records}
    work = _Work(known, sorted(pairs, key=_strongest_first), limits)
    for pin in sorted(pins, key=lambda pin: (pin.left, pin.right)):
        if not pin.is_same and {pin.left, pin.right} <= known.keys():
            work.groups.keep_apart(pin.left, pin.right)
    for pin in sorted(pins, key=lambda pin: (pin.left, pin.right)):
        if pin.is_same and {pin.left, pin.right} <= known.keys():
            work.join(Link(pin.left, pin.right, "pin"))
    order: Callable[[Explicit], tuple[str, str, str]]
    order = lambda one: (one.evidence, one.left, one.right)  # noqa: E731
    for one in sorted(explicit, key=order):
        work.refer(one)
    for pair in work.pairs:
        if pair.weight >= limits.link:
            work.weigh(pair)
    for pair in work.pairs:
        if pair.weight >= limits.review:
            work.ask(pair)
    return work.resolved()


def _strongest_first(pair: Pair) -> tuple[float, str, str]:
    return -pair.weight, pair.left, pair.right


class _Work:
    """The groups on the way, and the pairs that speak of each record."""

    def __init__(
        self, records: Mapping[str, Record], pairs: Sequence[Pair], limits: Limits
    ) -> None:
        self.pairs = pairs
        self.limits = limits
        self.records = records
        self.groups = Groups(records.values())
        self.of: dict[str, list[Pair]] = defaultdict(list)
        self.strong: set[tuple[str, str]] = set()
        for pair in pairs:
            self.of[pair.left].append(pair)
            self.of[pair.right].append(pair)
            if pair.is_strong:
                self.strong.add((pair.left, pair.right))
        self.links: list[Link] = []
        self.asked: dict[tuple[str, str], Question] = {}
        self.contradicted: list[Explicit] = []
        self.reasons: dict[tuple[str, str], str] = {}

    def join(self, link: Link) -> bool:
        """Join the groups of two records, unless they are one or a person objects."""
        left, right = self.groups.of(link.left), self.groups.of(link.right)
        if left is right or left.is_kept_from(right):
            return False
        self.groups.join(left, right)
        self.links.append(link)
        return True

    def refer(self, one: Explicit) -> None:
        """Follow what a system says, unless all else says that it is mistaken."""
        if one.evidence == "reference" and self._is_contradicted(one):
            self.contradicted.append(one)
            return
        self.join(Link(one.left, one.right, one.evidence))

    def weigh(self, pair: Pair) -> None:
        """Join what the model links, where nothing says that they are two."""
        left, right = self.groups.of(pair.left), self.groups.of(pair.right)
        if left is right:
            return
        objection = self._objection(left, right)
        if objection is None and self._rivals(left, right, pair.weight):
            objection = AMBIGUOUS
        if objection is None:
            self.join(Link(pair.left, pair.right, "model", pair.weight))
        else:
            self.reasons[pair.left, pair.right] = objection

    def ask(self, pair: Pair) -> None:
        """Note two groups that are neither joined nor known to be two."""
        left, right = self.groups.of(pair.left), self.groups.of(pair.right)
        if left is right:
            return
        objection = self._objection(left, right)
        if objection not in {None, SAME_SYSTEM}:
            return
        if objection == SAME_SYSTEM and not self._is_worth_asking(pair, left, right):
            return
        reason = objection or self.reasons.get((pair.left, pair.right)) or GREY
        self._note(left, right, Question(pair.left, pair.right, pair.weight, reason))

    def _is_worth_asking(self, pair: Pair, left: Group, right: Group) -> bool:
        """Tell whether one of a system's two records may be the other once more.

        Two whole groups that are a little alike are no question. A record that nothing
        was joined to is one, once, or it would be taken for another customer.
        """
        if pair.weight >= self.limits.link and not left.seems_other_than(right):
            return True
        lone = {each.name for each in (left, right) if len(each.members) == 1}
        return bool(lone) and lone.isdisjoint(chain.from_iterable(self.asked))

    def resolved(self) -> Resolved:
        """Return the outcome, sorted."""
        for one in self.contradicted:
            left, right = self.groups.of(one.left), self.groups.of(one.right)
            if left is not right and not left.is_kept_from(right):
                doubt = Question(one.left, one.right, None, CONTRADICTED)
                self._note(left, right, doubt)
        return Resolved(
            groups=sorted(tuple(sorted(each.members)) for each in self.groups),
            links=sorted(self.links, key=lambda link: (link.left, link.right)),
            questions=sorted(
                self.asked.values(), key=lambda asked: (asked.left, asked.right)
            ),
        )

    def _note(self, left: Group, right: Group, question: Question) -> None:
        first, second = sorted((left.name, right.name))
        self.asked.setdefault((first, second), question)

    def _is_contradicted(self, one: Explicit) -> bool:
        left, right = self.records[one.left], self.records[one.right]
        compared = [*map(_differ, left.telling, right.telling)]
        return bool(compared) and all(compared)

    def _objection(self, left: Group, right: Group) -> str | None:
        """Say what speaks against two groups being one, whatever the model says."""
        objection = left.difference(right)
        if objection is not None:
            return objection
        twice = left.live.keys() & right.live.keys()
        if not twice or left.shares_proof(right):
            return None
        for kind in twice:
            for one in left.live[kind]:
                for other in right.live[kind]:
                    if (min(one, other), max(one, other)) not in self.strong:
                        return SAME_SYSTEM
        return None

    def _rivals(self, left: Group, right: Group, weight: float) -> bool:
        """Tell whether another group fits one of the two as well as the other does."""
        return self._has_rival(left, right, weight) or self._has_rival(
            right, left, weight
        )

    def _has_rival(self, one: Group, other: Group, weight: float) -> bool:
        least = weight - self.limits.margin
        for key in one.members:
            for pair in self.of[key]:
                if pair.weight < least or pair.weight < self.limits.review:
                    break
                third = self.groups.of(pair.right if pair.left == key else pair.left)
                if third is one or third is other:
                    continue
                if (
                    self._objection(other, third) is not None
                    and self._objection(one, third) is None
                ):
                    return True
        return False


def _differ(left: object, right: object) -> bool:
    return left is not None and right is not None and left != right
