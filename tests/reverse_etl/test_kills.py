"""Kills: a push ended at any point, over and over, still has one effect per change."""

import random
from pathlib import Path

import pytest

from tests.reverse_etl.killing import CUSTOMERS, kill_round

KILLS = 60


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_sixty_kills_and_lost_answers_leave_one_effect_per_change(
    start_sandbox: object, tmp_path: Path
) -> None:
    """The vendors' own journal shows nothing twice and nothing lost."""
    chance = random.Random(7)  # noqa: S311 - chance that can be repeated
    sandbox = start_sandbox(customers=CUSTOMERS, months=6, disorder="none")

    toll = kill_round(sandbox, tmp_path, KILLS, chance, 0)

    assert toll.killed_at.total() == KILLS, "not so many kills fitted in"
    assert toll.lost_answers > 0
    assert toll.changes > 0
    assert (toll.twice, toll.lost, toll.unsettled) == ({}, {}, {})
