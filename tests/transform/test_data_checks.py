"""Checks of master data, documents and cash, each over a few invented rows.

The SQL is compiled once. Every case first states what agrees, in which the check finds
nothing, and then one change, which it must find, with the right value where it is
known.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import duckdb
import pytest

from tests.transform.cases_of_money import MONEY
from tests.transform.cases_of_records import EVERYWHERE, RECORDS
from tests.transform.tiny import BETWEEN, Tiny

CASES = RECORDS | MONEY


@pytest.fixture(scope="module")
def tiny(dbt: Any) -> Iterator[Tiny]:
    """Compile the checks and the models between."""
    wanted = {case.model for case in CASES.values()} | set(BETWEEN)
    results = dbt.run("compile", "--select", *sorted(wanted)).results
    compiled = {each.node.name: each.node.compiled_code for each in results}
    with closing(duckdb.connect()) as connection:
        connection.execute("set timezone = 'UTC'; attach ':memory:' as warehouse")
        yield Tiny(compiled, connection)


@pytest.mark.parametrize("name", CASES)
def test_what_agrees_is_no_break(tiny: Tiny, name: str) -> None:
    """Before the change, and where there is nobody to ask, nothing is found."""
    case = CASES[name]
    agreeing = EVERYWHERE | case.tables

    found = [
        tiny.breaks(case.model, agreeing | quiet) for quiet in ({}, *case.also_quiet)
    ]

    assert found == [[]] * len(found)


@pytest.mark.parametrize("name", CASES)
def test_the_change_is_found_and_says_the_right_value(tiny: Tiny, name: str) -> None:
    """One break for one change, of its check, with the repair where it is known."""
    case = CASES[name]

    found = tiny.breaks(case.model, EVERYWHERE | case.tables | case.change)

    assert [{key: row[key] for key in case.says[0]} for row in found] == [*case.says]
    assert {row["check_id"] for row in found} == {case.check}
