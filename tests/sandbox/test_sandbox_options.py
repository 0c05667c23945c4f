"""The command line chooses company, clock and faults, and mistakes are one sentence."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sandbox.company.features import ALL_FEATURES
from sandbox.options import FAULTS, MOST_CUSTOMERS, Options, options
from sandbox.vendors import VENDORS

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def read(*given: object) -> Options:
    """Read a command line at a known time."""
    return options([str(each) for each in given], NOW)


def test_alone_the_sandbox_shows_all_it_can() -> None:
    """Without options every feature is there, and the demo's mistakes."""
    plan = read().plan

    assert (plan.seed, plan.customers, plan.months) == (7, 400, 24)
    assert (plan.as_of, plan.disorder) == (date(2026, 10, 31), "default")
    assert plan.features == ALL_FEATURES


def test_features_are_chosen_by_name() -> None:
    """None, or some of them."""
    assert read("--features", "none").plan.features == frozenset()
    assert read("--features", "ledger, terms").plan.features == {"ledger", "terms"}


def test_mistakes_are_chosen_by_name_or_file(tmp_path: Path) -> None:
    """A file gives the share of each disorder."""
    rates = tmp_path / "rates.json"
    rates.write_text('{"parent that is its own child": 0.1}')

    assert read("--disorder", "all").plan.disorder == "all"
    assert read("--disorder", rates).plan.disorder == {
        "parent that is its own child": 0.1
    }


def test_companies_that_differ_have_different_names() -> None:
    """Every option that changes a record changes what the company is called."""
    lines: Sequence[Sequence[object]] = (
        (),
        ("--seed", 8),
        ("--customers", 401),
        ("--months", 25),
        ("--as-of", "2026-10-30"),
        ("--features", "none"),
        ("--features", "ledger"),
        ("--disorder", "all"),
        ("--usage-events", 1000),
    )

    names = {read(*line).plan.name for line in lines}

    assert len(names) == len(lines)


def test_the_clock_is_the_walls_or_begins_where_wanted() -> None:
    """It never begins before the company's last day is over."""
    assert read().clock.now() >= NOW
    assert read("--as-of", "2027-01-31").clock.now() >= datetime(2027, 2, 1, tzinfo=UTC)

    standing = read("--clock", "2026-11-01T09:00:00Z,frozen").clock
    assert not standing.runs
    assert standing.now() == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert read("--clock", "2026-11-01T09:00:00+02:00").clock.runs


def test_a_profile_sets_the_faults_of_every_vendor() -> None:
    """The seed of the company is the seed of its faults."""
    conditions = read("--faults", "storm", "--seed", 9).conditions

    wanted = {"seed": 9, **FAULTS["storm"]}
    assert conditions == {each.name: {"faults": wanted} for each in VENDORS}


def test_no_faults_takes_away_what_was_set_before() -> None:
    """Left out, nothing is touched."""
    gone = read("--faults", "none").conditions

    assert gone == {each.name: {"faults": None} for each in VENDORS}
    assert read().conditions == {}


def test_a_file_sets_rates_and_conditions(tmp_path: Path) -> None:
    """What holds for one vendor stands beside what holds for all."""
    told = {
        "seed": 3,
        "rates": {"status": 0.5},
        "conditions": {"zendesk": {"export_lag_seconds": 60, "faults": None}},
    }
    path = tmp_path / "faults.json"
    path.write_text(json.dumps(told))

    conditions = read("--faults", path).conditions

    assert conditions["stripe"] == {"faults": {"seed": 3, "status": 0.5}}
    assert conditions["zendesk"] == {"export_lag_seconds": 60, "faults": None}


FILES = {
    "broken.json": "{",
    "list.json": "[]",
    "deep.json": "[" * 100_000,
    "kinds.json": '{"rates": {"earthquake": 0.1}}',
    "rates.json": '{"rates": {"status": 2}}',
    "text.json": '{"rates": "many"}',
    "systems.json": '{"conditions": {"sap": {}}}',
    "names.json": '{"ratess": {}}',
    "one.json": '{"conditions": {"stripe": {"faults": {"status": "often"}}}}',
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_faults_that_makes_no_sense_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started with half of what was meant."""
    path = tmp_path / name
    path.write_text(FILES[name])

    _refuses(["--faults", str(path)], capsys)


@pytest.mark.parametrize(
    "line",
    [
        "--customers 0",
        "--customers -5",
        f"--customers {MOST_CUSTOMERS + 1}",
        "--customers many",
        "--months 0",
        "--months 1000",
        "--usage-events -1",
        "--workers 0",
        "--as-of yesterday",
        "--as-of 0001-01-01",
        "--as-of 9999-12-31",
        "--features ledger,warp",
        "--features ,",
        "--disorder chaos",
        "--disorder /dev/null",
        "--faults hurricane",
        "--clock tomorrow",
        "--clock 2026-11-01T09:00:00Z,running",
        "--clock 2026-10-31T09:00:00Z",
        "--host 0.0.0.0",
        "--tempo fast",
        "--seed",
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, status 2, no usage and no stack trace."""
    _refuses(line.split(), capsys)


def _refuses(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        options(line, NOW)

    said = capsys.readouterr()
    assert (left.value.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert said.err.endswith(".\n")
