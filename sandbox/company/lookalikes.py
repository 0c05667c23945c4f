"""Lookalikes: pairs of customers that a careless comparison would take for one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Literal

from sandbox.company.facts import Customer, HardNegative

Why = Literal["chain", "shared_domain", "same_name", "group"]


def hard_negatives(everybody: Iterable[Customer]) -> Iterator[HardNegative]:
    """Yield each pair once, with the strongest of the reasons for which it misleads."""
    known = list(everybody)
    seen: set[tuple[str, str]] = set()
    keys = {each.key: each for each in known}
    reasons: tuple[tuple[Why, dict[str, list[str]]], ...] = (
        ("chain", _by(known, "chain")),
        ("shared_domain", _by(known, "domain")),
        ("same_name", _by(known, "first")),
    )
    for why, groups in reasons:
        for group in groups.values():
            for left, right in combinations(group, 2):
                if (left, right) not in seen:
                    seen.add((left, right))
                    yield HardNegative(left, right, why)
    for each in known:
        if each.parent_key in keys:
            left, right = str(each.parent_key), each.key
            if (left, right) not in seen:
                seen.add((left, right))
                yield HardNegative(left, right, "group")


def _by(known: Iterable[Customer], what: str) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for each in known:
        value = {
            "chain": each.chain,
            "domain": each.domain,
            "first": each.legal_name.split(maxsplit=1)[0],
        }[what]
        if value is not None:
            groups[value].append(each.key)
    return groups
