"""Fixtures of the reverse ETL tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.store import Store
from reverse_etl.ledger import Ledger
from tests.reverse_etl.support import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that only the test moves."""
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with Store(tmp_path / "operations.sqlite") as store:
        yield Ledger(store)
