"""Rows: a publication as a reader of some legal entities sees it.

Pages ask for `marts.…` and `canonical.…` whoever looks. Those are then views over the
copy that let through what is of the reader's entities. What a row is of has to be said
by the row itself; a table that does not say it shows nothing.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

ENTITY = "legal_entity_code"

# What is of no entity in particular: words, links, rates, how fresh the sources are.
_COMMON = frozenset(
    {
        "canonical.products",
        "marts.calendar_days",
        "marts.usd_rates_monthly",
        "operations.freshness",
        "published.links",
        "published.metrics",
        "published.ownership",
    }
)
# Who a customer is may be seen by whoever sells to it, beside others that do.
_WHO = frozenset(
    {
        "canonical.customer_field_values",
        "canonical.customer_records",
        "canonical.customers",
        "canonical.entitlements",
        "canonical.tickets",
    }
)

# By which entities a customer is known: those of its contracts and of its documents.
_KNOWN_BY = """
create table reader.customers as
select
    customer_id,
    -- Of a customer that others sell to as well, what has no entity is not ours alone.
    bool_and(legal_entity_code in (select code from reader.entities)) as is_ours_alone
from (
    select customer_id, legal_entity_code from copy.canonical.contracts
    union
    select customer_id, legal_entity_code from copy.canonical.invoices
    union
    select customer_id, legal_entity_code from copy.canonical.opportunities
) as known
where legal_entity_code is not null
group by customer_id
having bool_or(legal_entity_code in (select code from reader.entities))
"""

_OURS = "in (select code from reader.entities)"
_OUR_CUSTOMERS = "in (select customer_id from reader.customers)"
_OURS_ALONE = "in (select customer_id from reader.customers where is_ours_alone)"
_OUR_CONTRACTS = (
    "in (select contract_id from copy.canonical.contracts"
    f" where {ENTITY} in (select code from reader.entities))"
)
_LEVELS = {
    "marts.metric_values": f"level = 'legal_entity' and level_value {_OURS}",
    "marts.arr_rollups_monthly": (
        f"(level = 'legal_entity' and member {_OURS})"
        f" or (level = 'customer' and member {_OURS_ALONE})"
    ),
    "marts.held_totals": f"entity {_OURS}",
}
# Checks are counted anew over the breaks that are seen; amounts of them are in US
# dollars for the company only.
_CHECKS = """
create view reconciliation.check_results as
select
    check_results.* replace (
        coalesce(seen.breaks, 0) as breaks,
        coalesce(seen.explained, 0) as explained,
        0 as difference_usd_minor
    )
from copy.reconciliation.check_results
left join (
    select
        check_id,
        count(*) as breaks,
        count(explained_by) as explained
    from reconciliation.breaks
    group by check_id
) as seen using (check_id)
"""


@contextmanager
def of_entities(
    file: Path, entities: Collection[str], config: dict[str, str]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a publication for a reader of some entities.

    Raises:
        duckdb.Error: the file cannot be opened, or lacks what the filters stand on.
    """
    with duckdb.connect(":memory:", config=config) as connection:
        quoted = str(file).replace("'", "''")
        connection.execute(f"attach '{quoted}' as copy (read_only)")
        connection.execute("create schema reader")
        connection.execute("create table reader.entities (code varchar)")
        for each in entities:
            connection.execute("insert into reader.entities values (?)", [each])
        connection.execute(_KNOWN_BY)
        for statement in _views(connection):
            connection.execute(statement)
        yield connection


def alone(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the customers that nobody but the reader's entities sells to."""
    found = connection.execute(
        "select customer_id from reader.customers where is_ours_alone"
    ).fetchall()
    return frozenset(row[0] for row in found)


def _views(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    found = connection.execute(
        "select table_schema, table_name, list(column_name)"
        " from information_schema.columns where table_catalog = 'copy'"
        " group by all order by all"
    ).fetchall()
    for schema in dict.fromkeys(schema for schema, _, _ in found):
        yield f'create schema if not exists "{schema}"'
    for schema, table, columns in found:
        name = f"{schema}.{table}"
        if name != "reconciliation.check_results":
            condition = _condition(name, columns)
            yield (
                f'create view "{schema}"."{table}" as'
                f' select * from copy."{schema}"."{table}" where {condition}'
            )
    yield _CHECKS


def _condition(name: str, columns: Collection[str]) -> str:
    """Return what a row has to be like for these readers to see it."""
    if name in _COMMON:
        return "true"
    if name in _LEVELS:
        return _LEVELS[name]
    if ENTITY in columns:
        return f"{ENTITY} {_OURS}"
    if "contract_id" in columns:
        return f"contract_id {_OUR_CONTRACTS}"
    if "customer_id" in columns:
        return f"customer_id {_OUR_CUSTOMERS if name in _WHO else _OURS_ALONE}"
    return "false"
