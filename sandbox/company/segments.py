"""Segments: ten of them, industry by size, each with its own behaviour."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """How the customers of an industry and size buy, stay and leave."""

    name: str
    industry: str
    weight: int  # of its size
    seats: tuple[int, int]
    renews_percent: int
    leaves_early_percent: int
    usage_percent: int  # of what a usual customer consumes
    health: int  # the score around which its customers lie


# Sizes as in `cast.SEGMENTS`: 55, 30 and 15 percent. Weights are shares of a size, so
# that the largest of the ten holds a fifth of all customers and the smallest a 33rd.
SEGMENTS: dict[str, tuple[Segment, ...]] = {
    "SMB": (
        Segment("SMB Retail", "Retail", 36, (3, 15), 76, 10, 60, 62),
        Segment("SMB Agencies", "Agencies", 27, (4, 25), 80, 8, 80, 66),
        Segment("SMB Software", "Software", 24, (3, 20), 84, 6, 160, 74),
        Segment("SMB Non-profit", "Non-profit", 13, (3, 10), 92, 3, 40, 78),
    ),
    "Mid-market": (
        Segment("Mid Manufacturing", "Manufacturing", 42, (30, 120), 91, 3, 70, 75),
        Segment("Mid Logistics", "Logistics", 33, (25, 110), 87, 4, 130, 70),
        Segment("Mid Fintech", "Fintech", 25, (20, 90), 83, 6, 240, 68),
    ),
    "Enterprise": (
        Segment("Ent Financial", "Financial", 45, (150, 600), 94, 1, 150, 80),
        Segment("Ent Healthcare", "Healthcare", 35, (120, 500), 95, 1, 90, 79),
        Segment("Ent Public", "Public Sector", 20, (100, 450), 97, 1, 50, 82),
    ),
}
BY_NAME = {each.name: each for group in SEGMENTS.values() for each in group}


def segment_of(size: str, rng: random.Random) -> Segment:
    """Return one of the segments of a size, the common ones more often."""
    place = rng.randrange(100)
    for segment in SEGMENTS[size]:
        if place < segment.weight:
            return segment
        place -= segment.weight
    return SEGMENTS[size][0]
