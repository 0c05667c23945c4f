"""The models' SQL is understood elsewhere: Snowflake, BigQuery and Databricks, as text.

None of them runs here; Spark, whose SQL Databricks has, does (`make cluster`). sqlglot
writes each compiled model in the other dialect, refuses what that cannot say, and reads
the outcome as that warehouse would.
"""

from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from sqlglot.errors import ErrorLevel, SqlglotError

pytestmark = pytest.mark.long

# What is lost in translation and changes nothing: BigQuery replaces all matches anyway,
# and what an aggregate is ordered by (a month, a key, a number) is never null.
TOLERATED = {
    "bigquery": (
        "Argument 'modifiers' is not supported for expression 'RegexpReplace'",
        "'NULLS LAST' translation not supported",
    ),
    "databricks": (),
    "snowflake": (),
}
# What runs: each build and its tests, and the cluster.
RUN = {"duckdb", "postgres", "spark"}
PROFILES = Path(__file__).parents[2] / "transform" / "profiles.yml"


def test_whoever_has_a_target_has_its_sql_read_or_run() -> None:
    """The profile names no warehouse whose SQL nobody looks at."""
    outputs = yaml.safe_load(PROFILES.read_text(encoding="utf-8"))["concord"]["outputs"]

    assert set(outputs) == RUN | set(TOLERATED)
    assert all(name == output["type"] for name, output in outputs.items())


def compiled_models(target: Path) -> list[Path]:
    """Return the SQL of every model as dbt compiled it for DuckDB."""
    folder = target / "compiled" / "concord" / "models"
    return sorted(
        path for path in folder.rglob("*.sql") if path.parent.suffix != ".yml"
    )


@pytest.mark.parametrize("dialect", sorted(TOLERATED))
def test_every_model_can_be_said_in_the_dialect(
    dialect: str,
    dbt: Any,
    rich: Any,  # noqa: ARG001 -- its build compiled the models
) -> None:
    """Nothing that a model says is unknown to the other warehouse."""
    models = compiled_models(dbt.target_path)
    refused = {}
    for path in models:
        sql = path.read_text(encoding="utf-8")
        try:
            (said,) = sqlglot.transpile(
                sql,
                read="duckdb",
                write=dialect,
                unsupported_level=ErrorLevel.RAISE,
                max_unsupported=len(sql),
            )
        except SqlglotError as error:
            lost = [
                each
                for each in str(error).split("\n\n")
                if not each.startswith(TOLERATED[dialect])
            ]
            if lost:
                refused[path.stem] = lost
            (said,) = sqlglot.transpile(
                sql,
                read="duckdb",
                write=dialect,
                unsupported_level=ErrorLevel.IGNORE,
            )
        sqlglot.parse_one(said, read=dialect)

    assert len(models) > 100
    assert refused == {}
