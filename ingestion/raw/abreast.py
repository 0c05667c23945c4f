"""Abreast: a system's readings at the same time, those of one table in their order."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ingestion.readings import Reading

# Four of Stripe's lists, each at the limit of its endpoint, reach the account's. Each
# holds a page in memory, of Salesforce's bulk results 50,000 records.
AT_ONCE = 4

_Came = TypeVar("_Came")


def abreast(
    readings: Sequence[Reading], follow: Callable[[Reading], _Came], most: int
) -> list[_Came]:
    """Follow readings, at most so many at once; return what came of each.

    Raises:
        BaseException: the first that `follow` raised, once all have ended.
    """
    came: dict[str, _Came] = {}

    def in_order(chain: Sequence[Reading]) -> None:
        for reading in chain:
            came[reading.name] = follow(reading)

    apart = chains(readings)
    with ThreadPoolExecutor(max(1, min(len(apart), most, AT_ONCE)), "walking") as pool:
        walking = [pool.submit(in_order, chain) for chain in apart]
    for each in walking:
        each.result()
    return [came[reading.name] for reading in readings]


def chains(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Return readings in groups that fill nothing in common, in order within each.

    Of a record that two readings bring, what arrives later counts.
    """
    found: list[list[Reading]] = []
    for reading in readings:
        apart: list[list[Reading]] = []
        together: list[Reading] = []
        for chain in found:
            fills = {name for one in chain for name in one.fills}
            if fills & set(reading.fills):
                together += chain
            else:
                apart.append(chain)
        found = [*apart, [*together, reading]]
    return found
