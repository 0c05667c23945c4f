"""One number, whoever is asked: metric_values, MetricFlow and the marts agree."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.contracts.graph.semantic_manifest import SemanticManifest
from metricflow.engine.metricflow_engine import (
    MetricFlowEngine,
    MetricFlowQueryRequest,
)
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.validations.semantic_manifest_validator import (
    SemanticManifestValidator,
)
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

# MetricFlow answers a ratio as a fraction, metric_values in whole parts of its unit.
PARTS = {"hundredths": 100, "hundredth_days": 100, "basis_points": 10000}
# Columns that marts offer ready to read, and the metrics that they must equal.
READY = {
    "arr": "arr_monthly.closing_usd_minor",
    "opening_arr": "arr_monthly.opening_usd_minor",
    "new_arr": "arr_monthly.new_usd_minor",
    "expansion_arr": "arr_monthly.expansion_usd_minor",
    "contraction_arr": "arr_monthly.contraction_usd_minor",
    "churned_arr": "arr_monthly.churn_usd_minor",
    "reactivated_arr": "arr_monthly.reactivation_usd_minor",
    "customers": "arr_monthly.customers_count",
    "carr": "arr_monthly.committed_usd_minor",
    "quick_ratio": "arr_monthly.quick_ratio_basis_points",
    "nrr": "retention_monthly.nrr_basis_points",
    "grr": "retention_monthly.grr_basis_points",
    "receivables": "collections_monthly.receivables_usd_minor",
    "current_receivables": "collections_monthly.current_usd_minor",
    "receivables_1_30": "collections_monthly.overdue_1_30_usd_minor",
    "receivables_31_60": "collections_monthly.overdue_31_60_usd_minor",
    "receivables_61_90": "collections_monthly.overdue_61_90_usd_minor",
    "receivables_over_90": "collections_monthly.overdue_over_90_usd_minor",
    "dso_simple": "collections_monthly.dso_simple_hundredth_days",
    "dso_countback": "collections_monthly.dso_countback_hundredth_days",
    "best_possible_dso": "collections_monthly.best_possible_dso_hundredth_days",
    "average_days_delinquent": (
        "collections_monthly.average_days_delinquent_hundredth_days"
    ),
    "collection_effectiveness": (
        "collections_monthly.collection_effectiveness_basis_points"
    ),
}


@pytest.fixture(scope="module")
def manifest(dbt: Any, tmp_path_factory: Any) -> Any:
    """Return the semantic manifest that dbt writes, as MetricFlow reads it."""
    file: Path = tmp_path_factory.mktemp("semantic") / "semantic_manifest.json"
    SemanticManifest(dbt.manifest).write_json_to_file(str(file))
    return parse_manifest_from_dbt_generated_manifest(file.read_text())


@pytest.fixture(scope="module")
def engine(manifest: Any) -> MetricFlowEngine:
    """Start MetricFlow; it writes SQL for DuckDB, and we run it."""
    writes: Any = SimpleNamespace(
        sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer()
    )
    return MetricFlowEngine(SemanticManifestLookup(manifest), writes)


@pytest.fixture(scope="module")
def parts(dbt: Any) -> dict[str, int]:
    """Return how many whole parts of its unit make one, for each metric."""
    return {
        metric.name: PARTS.get(metric.config.meta["unit"], 1)
        if metric.type.value == "ratio"
        else 1
        for metric in dbt.manifest.metrics.values()
    }


def asked(
    engine: MetricFlowEngine, built: Any, **question: Any
) -> list[dict[str, Any]]:
    """Return MetricFlow's answer to a question, as `mf query` would print it."""
    answer = engine.explain(MetricFlowQueryRequest.create(**question))
    rows: list[dict[str, Any]] = built.records(answer.sql_statement.sql)
    return rows


def stated(built: Any, level: str) -> dict[tuple[str, date, str], int]:
    """Return the value of each metric, month and member of a level."""
    return {
        (row["metric"], row["month"], row["level_value"]): row["value"]
        for row in built.records(
            f"select * from marts.metric_values where level = '{level}'"
        )
    }


def is_near(answered: Any, value: int, parts: int) -> bool:
    """Return whether a value is the answer but for rounding and a double's error."""
    return abs(float(answered) * parts - value) <= 0.5 + abs(value) * 1e-12


def test_metricflow_takes_the_semantic_layer(manifest: Any) -> None:
    """What `mf validate-configs` would refuse or warn of is not there."""
    result = SemanticManifestValidator(max_workers=1).validate_semantic_manifest(
        manifest
    )

    assert [issue.message for issue in result.all_issues] == []


@pytest.mark.parametrize("level", ["company", "currency", "legal_entity"])
def test_metric_values_are_metricflows(
    rich: Any,
    manifest: Any,
    engine: MetricFlowEngine,
    parts: dict[str, int],
    level: str,
) -> None:
    """MetricFlow, asked for all metrics at once, gives each value, and no others."""
    by_level = {
        metric
        for (metric,) in rich.rows(
            f"select metric from marts.metric_values where level = '{level}' group by 1"
        )
    }
    groups = ["metric_time__month"] + [level] * (level != "company")
    values = stated(rich, level)

    answered = {
        (metric, row["metric_time__month"].date(), row.get(level, "all")): row[metric]
        for row in asked(
            engine, rich, metric_names=sorted(by_level), group_by_names=groups
        )
        for metric in by_level
        if row[metric] is not None
    }

    if level == "company":
        assert by_level == {metric.name for metric in manifest.metrics}
    else:
        assert "arr" in by_level
    far = {
        place: (value, answered[place])
        for place, value in values.items()
        if place in answered and not is_near(answered[place], value, parts[place[0]])
    }
    assert far == {}
    # A ratio to less than nothing, as of deals that take away, says nothing.
    over = {
        metric.name: metric.type_params.denominator.name
        for metric in manifest.metrics
        if metric.type_params.denominator
    }
    assert set(values) == {
        place
        for place in answered
        if place[0] not in over or answered[over[place[0]], *place[1:]] > 0
    }


@pytest.mark.parametrize("metric", sorted(READY))
def test_what_a_mart_offers_is_the_metric(rich: Any, metric: str) -> None:
    """A column that people read without the semantic layer says the same."""
    mart, column = READY[metric].split(".")

    offered = rich.rows(
        f"select month, {column} from marts.{mart}"
        f" where {column} is not null order by 1"
    )

    assert offered
    assert offered == rich.rows(
        "select month, value from marts.metric_values"
        f" where metric = '{metric}' and level = 'company' order by 1"
    )


def test_saved_queries_answer_with_the_same_values(
    rich: Any, manifest: Any, engine: MetricFlowEngine, parts: dict[str, int]
) -> None:
    """The questions kept for the dashboard have answers, and those of metric_values."""
    levels = {level: stated(rich, level) for level in ("company", "currency")}

    for query in manifest.saved_queries:
        rows = asked(engine, rich, saved_query_name=query.name)
        by_currency = "Entity('currency')" in query.query_params.group_by
        values = levels["currency" if by_currency else "company"]
        places = [
            (
                (metric, row["metric_time__month"].date(), row.get("currency", "all")),
                row[metric],
            )
            for row in rows
            for metric in query.query_params.metrics
            if row[metric] is not None
        ]
        assert places
        assert [
            place
            for place, answered in places
            if not is_near(answered, values[place], parts[place[0]])
        ] == []


def test_currencies_add_up_to_the_company(rich: Any) -> None:
    """What is an amount or a count of things is the sum of its currencies."""
    different = rich.rows(
        """
        with currencies as (
            select metric, month, cast(sum(value) as bigint) as value
            from marts.metric_values
            where level = 'currency' and unit in ('usd_minor', 'usd_minor_days')
            and metric not in ('arr_per_customer', 'mrr')
            group by metric, month
        )
        select metric, month, currencies.value, company.value
        from currencies
        inner join marts.metric_values as company using (metric, month)
        where company.level = 'company' and company.value <> currencies.value
        """
    )

    assert different == []


def test_calculated_billings_are_billings_less_credits(rich: Any) -> None:
    """Seen from outside, by revenue and balances, it is what the documents say."""
    billed = dict(
        rich.rows(
            """
            select month, cast(round(sum(
                (billings_minor - credits_minor) * usd_micros_per_minor / 1000000
            )) as bigint)
            from marts.contract_billings_monthly
            inner join canonical.contracts using (contract_id)
            inner join staging.currencies using (currency)
            group by month
            """
        )
    )
    calculated = dict(
        rich.rows(
            "select month, value from marts.metric_values"
            " where metric = 'calculated_billings' and level = 'company'"
        )
    )

    # Converted at a month's start and end: a cent for each entity and currency.
    assert billed
    assert {
        month: calculated[month] - amount
        for month, amount in billed.items()
        if abs(calculated[month] - amount) > 12
    } == {}
