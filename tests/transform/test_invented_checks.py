"""Checks over invented rows: quiet where all is well, loud at each mistake."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.transform.invented import Checks, Invented, Mistake
from tests.transform.invented_checks import INVENTED

MISTAKES = [(check, each) for check, case in INVENTED.items() for each in case.mistakes]
QUIET = [(check, name) for check, case in INVENTED.items() for name in case.quiet]


@pytest.fixture(scope="module")
def checks(dbt: Any) -> Checks:
    """Compile the checks; nothing is built."""
    wanted = [case.model for case in INVENTED.values()]
    results = dbt.run("compile", "--select", *wanted).results
    compiled = {
        each.node.name: each.node.compiled_code
        for each in results
        if each.node.resource_type == "model"
    }
    contracts: Mapping[str, Mapping[str, str]] = {
        node.name: {column.name: column.data_type for column in node.columns.values()}
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model" and node.contract.enforced
    }
    return Checks(compiled, contracts)


@pytest.mark.parametrize("check", INVENTED)
def test_a_check_is_quiet_where_all_is_well(checks: Checks, check: str) -> None:
    """It finds nothing in the tables that have no mistake."""
    case: Invented = INVENTED[check]

    assert checks.breaks(case.model, case.tables) == []


@pytest.mark.parametrize(
    ("check", "mistake"), MISTAKES, ids=[f"{c}-{m.name}" for c, m in MISTAKES]
)
def test_a_mistake_is_one_break(checks: Checks, check: str, mistake: Mistake) -> None:
    """It says which record is wrong, and by how much."""
    case = INVENTED[check]
    tables = case.with_changes(mistake.table, mistake.place, mistake.changes)

    found = checks.breaks(case.model, tables)

    wanted = {"check_id": check} | mistake.says
    assert [{key: row[key] for key in wanted} for row in found] == [wanted]


@pytest.mark.parametrize(("check", "name"), QUIET)
def test_what_looks_like_a_mistake_is_none(
    checks: Checks, check: str, name: str
) -> None:
    """What happens every day in a company whose systems agree is no break."""
    case = INVENTED[check]

    assert checks.breaks(case.model, case.with_changes(*case.quiet[name])) == []
