"""The checks of the platform itself: each fires on what is wrong, and on nothing else.

Their evidence is the copy of the operations store, so it is invented row by row.
"""

import pytest

from tests.transform.evidence_models import EvidenceModels
from tests.transform.platform_mistakes import CASES, MODELS


@pytest.mark.parametrize("name", CASES)
def test_the_platform_is_checked(evidence: EvidenceModels, name: str) -> None:
    """The check names the records at which something is wrong, and no other."""
    case = CASES[name]
    model = MODELS[case.check]

    with evidence.over(case.rows, model) as connection:
        found = connection.execute(
            f"select check_id, record_key from reconciliation.{model} order by 2"
        ).fetchall()

    assert found == [(case.check, key) for key in case.fires_at]


def test_each_check_is_seen_firing_and_keeping_quiet() -> None:
    """Of each there is a mistake, and something that only looks like one."""
    fires = {case.check for case in CASES.values() if case.fires_at}
    quiet = {case.check for case in CASES.values() if not case.fires_at}

    assert fires == quiet == set(MODELS)


@pytest.mark.parametrize("model", MODELS.values())
def test_without_evidence_there_is_nothing_to_find(
    evidence: EvidenceModels, model: str
) -> None:
    """Before the first run there is nothing to look at, and nothing is invented."""
    with evidence.over({}, model) as connection:
        found = connection.execute(f"from reconciliation.{model}").fetchall()

    assert found == []
