"""The state of an obligation: what is allocated to it, what is recognized of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from tests.revenue.exact import DAY, half_up, largest_remainder
from tests.revenue.measures import OVER_TIME, Step, Terms, done


class HeldError(Exception):
    """The contract cannot be accounted for; the text is the reason."""


@dataclass(frozen=True)
class Version:
    """How an obligation is recognized from a day on.

    Net revenue at the end of a day is the base and, of the amount, the part done: of
    the rest from `since` on, or of the whole life where that is the beginning of time.
    """

    terms: Terms
    amount: int
    base: int = 0
    since: date = date.min
    ssp: int | None = None  # of what lies after ssp_since
    ssp_since: date = date.min


@dataclass
class Obligation:
    """One promise of a contract and all that happened to it so far."""

    obligation_id: str
    group: str  # the accounting contract: empty for the signed one
    amount: int  # stated
    terms: Terms
    is_conditional: bool
    whole_ssp: int | None = None
    unit_price: Fraction | None = None  # in minor units
    versions: list[Version] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    lapsed_on: date = date.max
    is_cancelled: bool = False
    reduced: int = 0
    contra: int = 0
    billed: int = 0  # less reductions
    used: list[tuple[date, int]] = field(default_factory=list)  # revenue of uses
    priced_units: Fraction = Fraction(0)
    priced_revenue: int = 0
    expected_returns: int = 0  # money of the amount that is no price
    returns_cost: int = 0

    @property
    def is_usage(self) -> bool:
        """Tell whether it is paid by use and so no part of the allocation."""
        return self.terms.method == "usage"

    @property
    def version(self) -> Version:
        """Return the version in force."""
        return self.versions[-1]

    @property
    def allocated(self) -> int:
        """Return what is recognized and what is still to be recognized."""
        return self.version.base + self.version.amount

    @property
    def price(self) -> int:
        """Return the price without what is expected to be paid back."""
        return self.amount - self.expected_returns

    def done(self, terms: Terms, day: date, since: date = date.min) -> Fraction:
        """Return which part is done at the end of a day."""
        if day >= self.lapsed_on:
            return Fraction(1)
        return done(terms, self.steps, day, since)

    def net(self, day: date) -> int:
        """Return revenue less contra at the end of a day, by what is known by now."""
        if self.is_usage:
            return sum(money for on, money in self.used if on <= day) - self.contra
        version = self.version
        part = self.done(version.terms, day, version.since)
        return version.base + half_up(version.amount * part)

    def rest_ssp(self, day: date) -> int | None:
        """Return the standalone price of what is not done at the end of a day."""
        version = self.version
        if version.ssp is None:
            return None
        part = self.done(version.terms, day, version.ssp_since)
        return half_up(version.ssp * (1 - part))

    def begin(self, amount: int, ssp: int | None) -> None:
        """Recognize an amount over the whole life."""
        self.versions.append(Version(self.terms, amount, ssp=ssp))

    def go_on(self, day: date, base: int, amount: int, ssp: int | None) -> None:
        """Recognize an amount over what is left from a day on."""
        self.versions.append(Version(self.terms, amount, base, day, ssp, day))

    def measure_whole(self, day: date, amount: int, ssp: int | None) -> None:
        """Recognize over the whole life; the price known is that of the rest."""
        self.versions.append(
            Version(self.terms, amount, ssp=ssp, ssp_since=day),
        )

    def rest(self, day: date, resumes: date, *, is_extended: bool) -> None:
        """Recognize nothing from a day on until service resumes.

        Its life is as if it had begun later by the days of its pauses.
        """
        terms = self.terms
        if terms.method not in OVER_TIME:
            return
        assert terms.start
        assert terms.end
        days = resumes - max(day, terms.start, terms.resumes)
        is_over = self.is_cancelled or terms.end < day or self.lapsed_on < day
        if is_over or days <= timedelta(0):
            return
        earned, ssp = self.net(day - DAY), self.rest_ssp(day - DAY)
        left = self.allocated - earned
        self.terms = replace(
            terms,
            start=terms.start + days,
            end=terms.end + days if is_extended else terms.end,
            resumes=resumes,
        )
        assert self.terms.end
        if self.terms.end < resumes:
            raise HeldError("nothing_remains")
        self.go_on(day, earned, left, ssp)

    def reduce(self, day: date, money: int, *, is_prospective: bool) -> int:
        """Lower the price; return what of it is contra revenue."""
        earned = self.net(day - DAY)
        left = self.allocated - earned
        if is_prospective:
            contra = max(0, money - max(0, left))
        else:
            contra = half_up(Fraction(money * earned, self.allocated))
        ssp = self.rest_ssp(day - DAY)
        self.contra += contra
        self.reduced += money
        self.go_on(day, earned - contra, left - (money - contra), ssp)
        return contra


def allocate(
    total: int, weights: Iterable[tuple[Obligation, int | None]]
) -> dict[str, int]:
    """Share a price by standalone prices, of equals to the lower id first."""
    ordered = sorted(weights, key=lambda pair: pair[0].obligation_id)
    if len(ordered) == 1:
        return {ordered[0][0].obligation_id: total}
    if not total:
        return {member.obligation_id: 0 for member, _ in ordered}
    prices = [price for _, price in ordered]
    known = [price for price in prices if price is not None]
    if len(known) < len(prices) or sum(known) <= 0:
        raise HeldError("ssp_missing")
    shares = largest_remainder(total, known)
    return {
        obligation.obligation_id: share
        for (obligation, _), share in zip(ordered, shares, strict=True)
    }


def lowered(
    members: Iterable[Obligation], parts: Mapping[str, int]
) -> list[tuple[Obligation, int]]:
    """Return by how much a reduction lowers the price of each, where it does.

    Billed are stated prices, and allocated is less or more: what is more than one's own
    price is a change in the price of the contract, and goes to the others.
    """
    ordered = sorted(members, key=lambda member: member.obligation_id)
    wanted = [parts.get(member.obligation_id, 0) for member in ordered]
    prices = [member.allocated for member in ordered]
    pairs = list(zip(wanted, prices, strict=True))
    own = [min(part, max(0, price)) for part, price in pairs]
    excess = sum(wanted) - sum(own)
    if excess:
        room = [max(0, price - part) for part, price in pairs]
        if excess > sum(room):
            raise HeldError("reduction_exceeds_price")
        others = largest_remainder(excess, room)
        own = [mine + more for mine, more in zip(own, others, strict=True)]
    return [
        (member, money) for member, money in zip(ordered, own, strict=True) if money
    ]


def check_terms(terms: Terms) -> None:
    """Refuse a term that is missing or ends before it starts."""
    if terms.method in OVER_TIME:
        if terms.start is None or terms.end is None:
            raise HeldError("term_missing")
        if terms.end < terms.start:
            raise HeldError("negative_term")
