"""Scoring: which pairs of records meet, and how much speaks for their being one."""

import duckdb
from splink import DuckDBAPI, Linker
from splink.internals.splink_dataframe import SplinkDataFrame

from identity.entities.entity import Entity
from identity.model import Model

# Nothing below it is kept: so much speaks against the two that no rule looks at them.
LEAST_KEPT = -5.0


def every_pair(
    connection: duckdb.DuckDBPyConnection, model: Model, records: str, into: str
) -> None:
    """Compare all records that meet, and write their pairs to a new table.

    Args:
        connection: what is made on the way stays in its own database.
        model: with its weights.
        records: a table with the key and the columns `compared` of the entity.
        into: the table: two keys, `weight`, and the level of each comparison.
    """
    database = DuckDBAPI(connection)
    linker = _linker(model, database.register(records))
    scored = linker.inference.predict(warning_mode="never")
    kept = _kept(model.resolves, scored)
    connection.execute(f"create or replace table {into} as {kept}")
    scored.drop_table_from_database_and_remove_from_cache()


def find_met(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    changed: str,
    records: str,
    into: str,
) -> None:
    """Write to a table which of the other records those in `changed` will meet.

    Splink looks at all columns of all records for each of its rules; this looks at one
    or two columns, and leaves it a small table.
    """
    met = " union ".join(
        f"select record_key from {records} semi join {changed}"
        f" using ({', '.join(rule)})"
        for rule in entity.blocking
    )
    connection.execute(
        f"create or replace table {into} as"
        f" select record_key, {', '.join(entity.compared)} from {records}"
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
        changed: a table as for `every_pair`.
        others: the same of records that are not in `changed`.
        into: a table that is made, as by `every_pair`.
    """
    database = DuckDBAPI(connection)
    new, known = database.register(changed), database.register(others)
    linker = _linker(model, new)
    within = linker.inference.predict_within(new, warning_mode="never")
    between = linker.inference.predict_between(new, known, warning_mode="never")
    kept = " union all ".join(_kept(model.resolves, each) for each in (within, between))
    connection.execute(f"create or replace table {into} as {kept}")
    for scored in (within, between):
        scored.drop_table_from_database_and_remove_from_cache()


def _linker(model: Model, records: SplinkDataFrame) -> Linker:
    # Splink would check each time what our tests run: 0.05 to 0.18 s of one core.
    return Linker(records, dict(model.splink), log_level=None, validate_settings=False)


def _kept(entity: Entity, scored: SplinkDataFrame) -> str:
    """Return SQL: pairs under our names, each once, the lesser key first."""
    levels = ", ".join(
        f"gamma_{name}::tinyint as {name}" for name in entity.comparison_names
    )
    return (
        "select least(record_key_l, record_key_r) as left_key,"
        " greatest(record_key_l, record_key_r) as right_key,"
        f" round(match_weight, 4) as weight, {levels} from {scored.physical_name}"
        f" where match_weight >= {LEAST_KEPT}"
    )
