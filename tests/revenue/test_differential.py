"""The models and the reference agree to the minor unit on invented contracts.

`CONTRACTS=2000 python -m pytest tests/revenue/test_differential.py` judges more.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.revenue.drafts import Drawn
from tests.revenue.expectations import unmet
from tests.revenue.generated import generated
from tests.revenue.judged import apart, differences
from tests.revenue.scenario import Row, read
from tests.revenue.smallest import smallest
from tests.revenue.together import together

CONTRACTS = int(os.environ.get("CONTRACTS", "150"))
AT_ONCE = 300
GOLDEN = [
    scenario
    for scenario in read(Path(__file__).with_name("golden.yaml"))
    if "functional_currency" not in scenario  # judged by what it expects
]
ONCE_APART = read(Path(__file__).with_name("once_apart.yaml"))
PAUSES = read(Path(__file__).with_name("pauses.yaml"))
STARTS = range(0, CONTRACTS, AT_ONCE)


@pytest.mark.parametrize("start", STARTS)
def test_models_and_reference_agree_on_invented_contracts(start: int) -> None:
    """Revenue, flows of each role and allocation are equal for every contract."""
    drafts = generated(min(AT_ONCE, CONTRACTS - start), start)

    found = differences(drafts)

    if found:
        least = smallest(drafts[min(found)], _differing)
        pytest.fail(f"{len(found)} of {len(drafts)} differ: {found}; one is {least}")


def test_models_and_reference_agree_on_published_cases() -> None:
    """Every figure of a published case is the same, not only those that are printed."""
    assert apart(together(GOLDEN)) == {}


def test_models_and_reference_agree_where_they_once_did_not() -> None:
    """The least contract of each difference that was found is judged for ever."""
    assert apart(together(ONCE_APART)) == {}


def test_models_and_reference_agree_on_pauses() -> None:
    """What rests, what ends later and what is held is the same for both."""
    assert apart(together(PAUSES)) == {}


@pytest.mark.parametrize("scenario", PAUSES, ids=lambda scenario: scenario["name"])
def test_a_pause_stops_recognition(scenario: Row) -> None:
    """The reference finds what was worked out by hand for each treatment."""
    assert unmet(scenario) == []


@pytest.mark.parametrize("scenario", ONCE_APART, ids=lambda scenario: scenario["name"])
def test_a_difference_was_decided(scenario: Row) -> None:
    """What was decided of each difference that was found is what the reference says."""
    assert unmet(scenario) == []


def _differing(drafts: Sequence[Drawn]) -> list[bool]:
    """Tell of each contract whether the two judges say something else."""
    found = differences(drafts)
    return [number in found for number in range(len(drafts))]
