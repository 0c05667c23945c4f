"""The reference computes what the standard and the vendors print."""

from pathlib import Path

import pytest

from tests.revenue.exact import largest_remainder
from tests.revenue.expectations import unmet
from tests.revenue.scenario import Row, read

GOLDEN = read(Path(__file__).with_name("golden.yaml"))


@pytest.mark.parametrize("scenario", GOLDEN, ids=lambda scenario: scenario["name"])
def test_the_reference_finds_what_the_source_prints(scenario: Row) -> None:
    """Each figure of a published case comes out of the reference to the minor unit."""
    assert unmet(scenario) == []


def test_a_figure_that_is_a_minor_unit_off_is_found() -> None:
    """The judgement of a scenario sees the smallest difference."""
    scenario = {**GOLDEN[0], "expect": {"revenue": {"2019-01": "17.01"}}}

    assert unmet(scenario) == [("revenue 2019-01", 1701, 1700)]


def test_of_equal_remainders_the_first_is_served() -> None:
    """A unit that two have the same claim to goes to the one that stands first."""
    assert largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
    assert largest_remainder(-100, [1, 1, 1]) == [-34, -33, -33]
    assert largest_remainder(2, [1, 1, 1, 1]) == [1, 1, 0, 0]
