"""Revenue of scenarios: the golden cases, what holds a contract, and laws."""

import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from orchestration.scenarios.amounts import BadScenarioError
from orchestration.scenarios.engine import Engine, Subledger, engine_of
from orchestration.scenarios.form import checked, parsed
from orchestration.scenarios.run import run
from orchestration.scenarios.tables import Tables

SCENARIOS = Path(__file__).parents[1] / "golden" / "scenarios"
MODIFIED = (SCENARIOS.parent / "modified.yaml").read_text()
# A payment of January that became known after January was closed.
LATE = (
    "events:\n  - {on: 2025-02-05, close: {period: 2025-01}}\n"
    "  - {on: 2025-01-31, recorded: 2025-03-01, payment: {id: late, invoice: I,"
    ' amount: "1.00"}}\n'
)


@pytest.fixture(scope="module")
def models(revenue_models: Mapping[str, str]) -> Engine:
    """The revenue models as dbt compiles them."""
    return engine_of(revenue_models)


@pytest.fixture(scope="module")
def recognized(models: Engine) -> Callable[[Mapping[str, Any]], Subledger]:
    """Return a function that runs a scenario."""

    def made(scenario: Mapping[str, Any]) -> Subledger:
        return models.run(Tables(checked(deepcopy(dict(scenario)))).rows)

    return made


def hashes(subledger: Subledger) -> list[tuple[Any, ...]]:
    """Return the chain of the journal's batches."""
    return subledger.rows(
        "select entity, currency, month, batch_hash from revenue_journal_batches"
        " order by 1, 2, 3"
    )


def revenue(subledger: Subledger) -> dict[Any, int]:
    """Return the revenue of each month."""
    return dict(
        subledger.rows(
            "select month, -sum(amount_minor) from revenue_journal"
            " where account_role = 'revenue' group by month"
        )
    )


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda p: p.stem)
def test_a_published_case_comes_out_as_published(path: Path, models: Engine) -> None:
    """Allocation, revenue and balances are those of the source, and entries balance."""
    outcome = run(path, models)

    assert [each for each in outcome.findings if not each.passed] == []
    assert outcome.findings
    assert (
        outcome.subledger.rows(
            "select sum(amount_minor), sum(functional_minor) from revenue_journal"
            " group by entity, currency, month"
            " having sum(amount_minor) <> 0 or sum(functional_minor) <> 0"
        )
        == []
    )


def test_order_of_the_file_changes_nothing(
    recognized: Callable[[Mapping[str, Any]], Subledger],
) -> None:
    """Permuted input gives the identical chain of hashes; so does a replay."""
    scenario = parsed(MODIFIED)
    shuffled = deepcopy(scenario)
    for key in ("events", "ssp"):
        random.Random(7).shuffle(shuffled[key])  # noqa: S311  # any order will do
    shuffled["contracts"][0]["obligations"].reverse()

    first = hashes(recognized(scenario))

    assert first
    assert hashes(recognized(scenario)) == first
    assert hashes(recognized(shuffled)) == first


def test_an_amendment_that_changes_no_term_changes_nothing(
    recognized: Callable[[Mapping[str, Any]], Subledger],
) -> None:
    """A price stated again as it is makes no version and moves no minor unit."""
    scenario = parsed(MODIFIED)
    amended = deepcopy(scenario)
    amended["events"].append(
        parsed(
            "{on: 2025-05-05, modification: {contract: C, treatment: prospective,"
            ' decided_by: us, changes: [{obligation: a, amount: "750.00"}]}}'
        )
    )

    assert hashes(recognized(amended)) == hashes(recognized(scenario))


def test_scaling_scales(recognized: Callable[[Mapping[str, Any]], Subledger]) -> None:
    """A hundred times the amounts is a hundred times the revenue, but for rounding."""
    scenario = parsed(MODIFIED)
    scaled = parsed(MODIFIED.replace('.00"', '00.00"'))

    small, large = (revenue(recognized(each)) for each in (scenario, scaled))

    assert small.keys() == large.keys()
    assert all(abs(large[month] - 100 * small[month]) < 500 for month in small)


def test_splitting_a_line_moves_no_month_by_more_than_one(
    recognized: Callable[[Mapping[str, Any]], Subledger],
) -> None:
    """Two halves of an obligation are recognized as the whole is."""
    terms = "method: daily, start: 2025-01-15, end: 2026-01-14"
    head = "name: n\ncontracts:\n  - {id: C, currency: USD, signed: 2025-01-15, "
    one = f'obligations: [{{id: a, amount: "1000.01", ssp: "5", {terms}}}]}}'
    two = (
        f'obligations: [{{id: a, amount: "333.33", ssp: "333.33", {terms}}},'
        f' {{id: b, amount: "666.68", ssp: "666.68", {terms}}}]}}'
    )

    whole, split = (revenue(recognized(parsed(head + each))) for each in (one, two))

    assert sum(whole.values()) == sum(split.values()) == 100_001
    assert all(abs(whole[month] - split[month]) <= 1 for month in whole)


@pytest.mark.parametrize(
    ("reason", "before", "after"),
    [
        ("ssp_missing", "product: b,", "product: c,"),
        ("ssp_not_approved", '"500.00", approved_by: us}\ncon', '"500.00"}\ncon'),
        ("treatment_missing", "treatment: prospective, ", ""),
        (
            "decision_missing",
            "decided_by: us, reason: price, changes: [{obligation: a",
            "changes: [{obligation: a",
        ),
        (
            "unknown_obligation",
            'obligation: b, amount: "400',
            'obligation: x, amount: "400',
        ),
        ("negative_term", "end: 2025-09-14", "end: 2025-01-14"),
        ("unknown_method", "method: daily", "method: weekly"),
        ("reduction_exceeds_price", 'I, amount: "100.00"', 'I, amount: "9100.00"'),
        ("rate_missing", "name: two", "functional_currency: EUR\nname: two"),
        (
            "closed_period",
            "events:\n",
            LATE,
        ),
    ],
)
def test_what_cannot_be_judged_is_held(
    reason: str,
    before: str,
    after: str,
    recognized: Callable[[Mapping[str, Any]], Subledger],
) -> None:
    """The contract has no journal, and its price stands in what is held."""
    scenario = parsed(MODIFIED.replace(before, after, 1))

    subledger = recognized(scenario)

    assert subledger.rows("select reason, held_minor from revenue_holds") == [
        (reason, 100_000)
    ]
    assert subledger.rows("select count(*) from revenue_journal") == [(0,)]


def test_a_key_that_the_form_does_not_know_is_an_error() -> None:
    """A mistyped key is never passed over."""
    with pytest.raises(BadScenarioError, match="price"):
        checked(parsed(MODIFIED.replace('amount: "600.00", m', 'price: "600.00", m')))
