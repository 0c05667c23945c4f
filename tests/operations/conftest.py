"""Fixtures of the operations tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store(tmp_path / "operations.sqlite") as opened:
        yield opened
