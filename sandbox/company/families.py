"""Families: who belongs to whom, and who only looks as if.

Customers stand in blocks of twenty. What happens in a block follows from the seed and
its number alone, so that a customer's family is known without drawing anybody else.
"""

from dataclasses import dataclass
from functools import lru_cache

from sandbox.company.features import stream
from sandbox.company.names import word

BLOCK = 20
# Places of a block: a group may take 0 to 7, a chain 8 to 14, a pair of strangers with
# the same first word 15 and 16.
GROUP_SIZES = (0, 0, 2, 3, 4, 5, 6, 8)
CHAIN_FIRST, CHAIN_SIZES = 8, (0, 0, 0, 3, 4, 5, 7)
NAMESAKE, NAMESAKE_PERCENT = 16, 40
SHARES_DOMAIN_PERCENT = 50
CHAIN_WORDS = (
    ("Corner", "Urban", "Little", "Happy", "Royal", "Daily", "Grand", "Fresh"),
    ("Bakery", "Gym", "Pharmacy", "Inn", "Optician", "Grill", "Nursery", "Garage"),
)


@dataclass(frozen=True, slots=True)
class Kin:
    """What a customer's family says about it."""

    parent: int | None = None  # the number of the parent
    chain: str | None = None
    trade_name: str | None = None
    domain: str | None = None  # instead of one of its own


NOBODY = Kin()


def domain_of(seed: int, number: int) -> str:
    """Return the domain that a customer has of its own."""
    return f"{word(seed, number)[0].lower()}.example"


def kin_of(seed: int, number: int) -> Kin:
    """Return the family of a customer."""
    return _block(seed, number // BLOCK).get(number, NOBODY)


def is_namesake(seed: int, number: int) -> bool:
    """Return whether the customer has its first word from the one before it."""
    block, place = divmod(number, BLOCK)
    if place != NAMESAKE:
        return False
    return stream(seed, "identity:namesake", block).random() * 100 < NAMESAKE_PERCENT


@lru_cache(maxsize=4_096)
def _block(seed: int, block: int) -> dict[int, Kin]:
    rng = stream(seed, "hierarchy", block)
    first = block * BLOCK
    kin: dict[int, Kin] = {}
    for place in range(1, rng.choice(GROUP_SIZES)):
        # The first two stand below the head; whoever comes later below one of these
        # or below the head itself, so that a group has two levels or three.
        parent = 0 if place < 3 else rng.choice((0, 1, 2))
        shares = rng.random() * 100 < SHARES_DOMAIN_PERCENT
        kin[first + place] = Kin(
            parent=first + parent,
            domain=domain_of(seed, first) if shares else None,
        )
    size = rng.choice(CHAIN_SIZES)
    name = f"{rng.choice(CHAIN_WORDS[0])} {rng.choice(CHAIN_WORDS[1])}"
    # A chain of the same name in another block would be the same franchise.
    brand = f"{name} {word(seed, first + CHAIN_FIRST)[0]}"
    domain = f"{brand.replace(' ', '').lower()}.example"
    for place in range(CHAIN_FIRST, CHAIN_FIRST + size):
        shares = rng.random() * 100 < SHARES_DOMAIN_PERCENT
        kin[first + place] = Kin(
            chain=f"{seed}:chain:{block}",
            trade_name=brand,
            domain=domain if shares else None,
        )
    return kin
