"""A relation is replaced whole, or stays as it was."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

MODEL = "operational_metrics"  # stands on a seed alone
TABLE = f"marts.{MODEL}"


@dataclass
class Built:
    """A warehouse that begins with a relation where the model goes."""

    dbt: Any
    warehouse: Path

    def ask(self, statement: str) -> Any:
        """Return all rows of a statement."""
        with closing(duckdb.connect(str(self.warehouse))) as connection:
            return connection.execute(statement).fetchall()

    def run(self, *words: str) -> str:
        """Run the model; return the status that dbt says."""
        (outcome,) = self.dbt.run(*words, warehouse=self.warehouse)
        return str(outcome.status)


@pytest.fixture
def built(dbt: Any, tmp_path: Path) -> Built:
    """Return a warehouse in which nothing is but a view of one row, by the name."""
    warehouse = tmp_path / "warehouse.duckdb"
    found = Built(dbt, warehouse)
    found.ask("create schema marts")
    found.ask(f"create view {TABLE} as select 'what was there' as metric")
    return found


def test_a_model_that_fails_leaves_what_was_there(built: Built) -> None:
    """Without its seed the model fails; the relation of before answers as before."""
    assert built.run("run", "--select", MODEL) == "error"

    assert built.ask(f"from {TABLE}") == [("what was there",)]


def test_a_view_becomes_the_table_that_it_is_now(built: Built) -> None:
    """It has the model's rows, nothing stays beside it, and a second run is like it."""
    built.run("seed", "--select", "operational_metric_versions")

    for _ in range(2):
        assert built.run("run", "--select", MODEL) == "success"
        assert len(built.ask(f"from {TABLE}")) > 10
        assert built.ask(
            "select table_name, table_type from information_schema.tables"
            " where table_schema = 'marts'"
        ) == [(MODEL, "BASE TABLE")]
