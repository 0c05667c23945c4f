"""Scoring: which pairs of records meet, and how much speaks for their being one."""

import duckdb
from splink import DuckDBAPI, Linker
from splink.internals.splink_dataframe import SplinkDataFrame

from identity.comparisons import BLOCKING, NAMES
from identity.features import NAMES as FEATURES
from identity.model import Model

COMPARED = ("record_key", *FEATURES, "parent_key")
# Nothing below it is kept: so much speaks against the two that no rule looks at them.
LEAST_KEPT = -5.0
PAIR_COLUMNS = ("left_key", "right_key", "weight", *NAMES)


def every_pair(
    connection: duckdb.DuckDBPyConnection, model: Model, records: str, into: str
) -> None:
    """Compare all records that meet, and write their pairs to a new table.

    Args:
        connection: what is made on the way stays in its own database.
        model: with its weights.
        records: a table with the columns `COMPARED`.
        into: the table, with the columns `PAIR_COLUMNS`.
    """
    database = DuckDBAPI(connection)
    linker = _linker(model, database.register(records))
    scored = linker.inference.predict(warning_mode="never")
    connection.execute(f"create or replace table {into} as {_kept(scored)}")
    scored.drop_table_from_database_and_remove_from_cache()


def find_met(
    connection: duckdb.DuckDBPyConnection, changed: str, records: str, into: str
) -> None:
    """Write to a table which of the other records those in `changed` will meet.

    Splink looks at all columns of all records for each of its rules; this looks at one
    or two columns, and leaves it a small table.
    """
    met = " union ".join(
        f"select record_key from {records} semi join {changed}"
        f" using ({', '.join(rule)})"
        for rule in BLOCKING
    )
    connection.execute(
        f"create or replace table {into} as"
        f" select {', '.join(COMPARED)} from {records}"
        f" semi join ({met}) using (record_key)"
        " anti join changed using (record_key) where is_live"
    )


def pairs_of(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    changed: str,
    others: str,
    into: str,
) -> None:
    """Compare some records with each other and with all others that they meet.

    Args:
        connection: what is made on the way stays in its own database.
        model: with its weights.
        changed: a table with the columns `COMPARED`.
        others: the same of records that are not in `changed`.
        into: a table that is made, as by `every_pair`.
    """
    database = DuckDBAPI(connection)
    new, known = database.register(changed), database.register(others)
    linker = _linker(model, new)
    within = linker.inference.predict_within(new, warning_mode="never")
    between = linker.inference.predict_between(new, known, warning_mode="never")
    connection.execute(
        f"create or replace table {into} as {_kept(within)} union all {_kept(between)}"
    )
    for scored in (within, between):
        scored.drop_table_from_database_and_remove_from_cache()


def _linker(model: Model, records: SplinkDataFrame) -> Linker:
    return Linker(records, dict(model.splink), log_level=None)


def _kept(scored: SplinkDataFrame) -> str:
    """Return SQL: pairs under our names, each once, the lesser key first."""
    levels = ", ".join(f"gamma_{name}::tinyint as {name}" for name in NAMES)
    return (
        "select least(record_key_l, record_key_r) as left_key,"
        " greatest(record_key_l, record_key_r) as right_key,"
        f" round(match_weight, 4) as weight, {levels} from {scored.physical_name}"
        f" where match_weight >= {LEAST_KEPT}"
    )
