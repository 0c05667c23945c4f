"""The tables of a publication, from the models' contracts: neither can drift."""

from functools import cache
from pathlib import Path

import yaml

from orchestration.publication import TABLES

# Models without an enforced contract name no types; theirs stand here.
SCHEMA = """
create schema marts; create schema reconciliation; create schema canonical;
create schema operations; create schema published;
create table marts.quote_to_cash_monthly (
    month date, currency varchar, bookings_minor bigint, billings_minor bigint,
    revenue_minor bigint, cash_minor bigint, bookings_usd_minor bigint,
    billings_usd_minor bigint, revenue_usd_minor bigint, cash_usd_minor bigint
);
create table marts.held_totals (
    reason_code varchar, entity varchar, currency varchar, held_rows bigint,
    rows_without_amount bigint, amount_minor bigint
);
create table reconciliation.check_results (
    check_id varchar, model varchar, title varchar, area varchar, severity varchar,
    owner varchar, tolerance varchar, disorder varchar, compared bigint,
    breaks bigint, explained bigint, difference_usd_minor bigint,
    not_run_because varchar
);
create table reconciliation.breaks (
    check_id varchar, break_key varchar, record_key varchar, customer_id varchar,
    subject varchar, currency varchar, period date, left_system varchar,
    left_value varchar, right_system varchar, right_value varchar,
    difference_minor bigint, tolerance_minor bigint, explained_by varchar,
    target_system varchar, target_object varchar, target_record_id varchar,
    target_field varchar, proposed_value varchar, push_class varchar
);
create table operations.changes (
    system varchar, object varchar, state varchar, changes bigint
);
create table operations.freshness (
    system varchar, stream varchar, rows bigint, loaded_at timestamptz
);
create table published.metrics (
    metric varchar, label varchar, area varchar, unit varchar, definition varchar
);
create table published.ownership (
    entity varchar, field varchar, owner varchar, followers varchar,
    receivers varchar, approval boolean
);
create table published.links (system varchar, object varchar, url varchar);
create table published.questions (
    entity varchar, left_key varchar, right_key varchar, left_name varchar,
    right_name varchar, left_told json, right_told json, reason varchar,
    probability_basis_points bigint, findings json
);
"""

MODELS = Path(__file__).parents[2] / "transform" / "models"
CONTRACTED = (
    "marts.arr_movement_causes",
    "marts.arr_movements",
    "marts.arr_reported",
    "marts.arr_rollups_monthly",
    "marts.bookings_monthly",
    "marts.deferred_revenue_monthly",
    "marts.invoice_balances_monthly",
    "marts.metric_values",
    "marts.operational_durations_monthly",
    "marts.operational_metrics",
    "marts.operational_shares_monthly",
    "marts.pipeline_monthly",
    "marts.pipeline_outcomes_monthly",
    "marts.receivables_monthly",
    "marts.remaining_obligations_monthly",
    "marts.renewals",
    "marts.retention_cohorts",
    "marts.retention_levels_monthly",
    "marts.revenue_waterfall_monthly",
    "reconciliation.bridge_items_monthly",
    "reconciliation.bridge_steps_monthly",
    *TABLES,
)


@cache
def contracted() -> str:
    """Return the tables of models whose contract names their columns and types."""
    statements = []
    for name in CONTRACTED:
        schema, model = name.split(".")
        said = yaml.safe_load((MODELS / schema / f"{model}.yml").read_text("utf-8"))
        (found,) = (each for each in said["models"] if each["name"] == model)
        columns = ", ".join(
            f"{column['name']} {column['data_type']}" for column in found["columns"]
        )
        statements.append(f"create table {name} ({columns});")
    return "\n".join(statements)
