"""Beancount, which knows nothing of revenue, balances the journal."""

from dataclasses import replace

import pytest
from beancount import loader

from tests.revenue.beancount_text import Posting, beancount_text, of_balances
from tests.revenue.generated import batch, generated
from tests.revenue.judged import journal
from tests.revenue.reference import run

CONTRACTS = 60


@pytest.fixture(scope="module", params=["models", "reference"])
def postings(request: pytest.FixtureRequest) -> list[Posting]:
    """Return the journal of invented contracts, of both judges."""
    scenario = batch(generated(CONTRACTS))
    if request.param == "models":
        return journal(scenario)
    currency = {row["id"]: row["currency"] for row in scenario["contracts"]}
    return [
        posting
        for name, outcome in run(scenario).items()
        for posting in of_balances(name, currency[name], outcome.balances)
    ]


def test_beancount_finds_no_error_in_the_journal(postings: list[Posting]) -> None:
    """Every entry balances, and every account stands where the months say it does."""
    entries, errors, _ = loader.load_string(beancount_text(postings))

    assert errors == []
    assert len(entries) > CONTRACTS


def test_beancount_sees_a_minor_unit(postings: list[Posting]) -> None:
    """An entry that is a minor unit off is an error, so silence means something."""
    first = replace(postings[0], debit_minor=postings[0].debit_minor + 1)

    _, errors, _ = loader.load_string(beancount_text([first, *postings[1:]]))

    assert "ValidationError" in {type(error).__name__ for error in errors}
