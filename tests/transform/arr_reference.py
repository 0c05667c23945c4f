"""Movements of ARR once more: plain Python, one customer and month at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

Line = tuple[str, str, str, str]  # customer, product, currency, legal entity
Told = dict[tuple[Line, date, str, str], int]  # line, month, movement, cause
GRACE_DAYS = 90


@dataclass(frozen=True)
class Held:
    """What a line is when a month closes."""

    minor: int = 0
    quantity: Fraction = Fraction(0)
    gross_minor: int = 0


Closings = Mapping[Line, Mapping[date, Held]]


@dataclass(frozen=True)
class Customer:
    """What is known of a customer beyond its lines."""

    gaps: Sequence[tuple[date, date]] = ()  # first day without, first day with again
    endings: Mapping[date, str] | None = None  # by month in which all ended
    recontracted: frozenset[tuple[Line, date]] = frozenset()


def rounded(value: Fraction) -> int:
    """Return the nearest whole number, ties away from zero."""
    nearest = abs(value) + Fraction(1, 2)
    whole = nearest.numerator // nearest.denominator
    return whole if value >= 0 else -whole


def movements(
    closings: Closings,
    months: Sequence[date],
    customers: Mapping[str, Customer],
    plans: Mapping[str, str],
) -> Told:
    """Return every movement with its cause, in minor units of the contract."""
    told: Counter[tuple[Line, date, str, str]] = Counter()
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in closings:
        lines[line[0]].append(line)
    for customer, own in lines.items():
        was_here = False
        for before, month in zip([None, *months], months, strict=False):
            opening = {line: at(closings, line, before) for line in own}
            closing = {line: at(closings, line, month) for line in own}
            had = any(held.minor for held in opening.values())
            has = any(held.minor for held in closing.values())
            for line, target in novations(opening, closing):
                moved = opening[line]
                told[line, month, "transfer_out", "legal_entity"] -= moved.minor
                told[target, month, "transfer_in", "legal_entity"] += moved.minor
                opening[line], opening[target] = Held(), moved
            swapped = tier_changes(
                {line: at(closings, line, before) for line in own}, closing, plans
            )
            for line in own:
                rest = closing[line].minor - opening[line].minor
                known = customers.get(customer, Customer())
                if not had or not has:
                    name, cause = whole(month, known, had=had, was_here=was_here)
                    told[line, month, name, cause] += rest
                    continue
                name = "contraction" if rest < 0 else "expansion"
                is_new = (line, month) in known.recontracted
                for cause, amount in causes(
                    opening[line],
                    closing[line],
                    is_swapped=line in swapped,
                    is_recontracted=is_new,
                ):
                    told[line, month, name, cause] += amount
            was_here = was_here or has
    return {key: amount for key, amount in told.items() if amount}


def at(closings: Closings, line: Line, month: date | None) -> Held:
    """Return what a line was when a month closed."""
    return Held() if month is None else closings[line].get(month, Held())


def novations(
    opening: Mapping[Line, Held], closing: Mapping[Line, Held]
) -> list[tuple[Line, Line]]:
    """Return what ended with one entity and began with one other."""
    ended, begun = defaultdict(list), defaultdict(list)
    for line in opening:
        if opening[line].minor and not closing[line].minor:
            ended[line[:3]].append(line)
        if not opening[line].minor and closing[line].minor:
            begun[line[:3]].append(line)
    return [
        (ended[place][0], begun[place][0])
        for place in ended
        if len(ended[place]) == len(begun[place]) == 1
    ]


def tier_changes(
    opening: Mapping[Line, Held],
    closing: Mapping[Line, Held],
    plans: Mapping[str, str],
) -> set[Line]:
    """Return the lines of a plan of which one product ended and another began."""
    changed: dict[tuple[str, ...], tuple[set[Line], set[Line]]] = defaultdict(
        lambda: (set(), set())
    )
    for line in opening:
        customer, product, currency, _ = line
        if product not in plans:
            continue
        ended, begun = changed[customer, currency, plans[product]]
        if opening[line].minor and not closing[line].minor:
            ended.add(line)
        if not opening[line].minor and closing[line].minor:
            begun.add(line)
    return {
        line
        for ended, begun in changed.values()
        if ended and begun
        for line in ended | begun
    }


def whole(
    month: date, known: Customer, *, had: bool, was_here: bool
) -> tuple[str, str]:
    """Return what happened to a customer who came, came back or left."""

    def late(position: int) -> bool:
        return any(
            gap[position].replace(day=1) == month
            and (gap[1] - gap[0]).days <= GRACE_DAYS
            for gap in known.gaps
        )

    if not had and not was_here:
        return "new", "first_contract"
    if not had:
        return "reactivation", "late_renewal" if late(1) else "return"
    if late(0):
        return "churn", "late_renewal"
    return "churn", (known.endings or {}).get(month, "non_renewal")


def causes(
    opening: Held, closing: Held, *, is_swapped: bool, is_recontracted: bool
) -> Iterable[tuple[str, int]]:
    """Return why a line of a customer who stays is more or less."""
    rest = closing.minor - opening.minor
    if is_swapped:
        return [("tier", rest)]
    both = (opening, closing)
    if not all(
        held.minor > 0 and held.quantity > 0 and held.gross_minor > 0 for held in both
    ):
        if opening.minor == 0:
            return [("cross_sell", rest)]
        return [("product_drop" if closing.minor == 0 else "price", rest)]
    quantity = rounded(
        opening.minor * (closing.quantity - opening.quantity) / opening.quantity
    )
    discount = closing.minor - rounded(
        Fraction(closing.gross_minor * opening.minor, opening.gross_minor)
    )
    within = quantity != 0 and not is_recontracted
    return [
        ("quantity", quantity),
        ("discount_expiry" if discount > 0 else "discount_start", discount),
        ("co_term" if within else "price", rest - quantity - discount),
    ]


def gaps(stretches: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Return the stretches of days that none of the stretches covers."""
    found, covered = [], None
    for starts_on, ends_before in sorted(stretches):
        if covered is not None and starts_on > covered:
            found.append((covered, starts_on))
        covered = ends_before if covered is None else max(covered, ends_before)
    return found


def last_day(month: date) -> date:
    """Return the last day of the month."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
