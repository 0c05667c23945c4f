"""Customers are those that resolution names."""

from pathlib import Path
from typing import Any

import duckdb


def test_a_warehouse_without_golden_ids_says_what_to_run(
    dbt: Any, tmp_path: Path
) -> None:
    """Nothing is built on a guess, and whoever started dbt reads the next command."""
    warehouse = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(warehouse)).close()

    (result,) = dbt.run("run", "--select", "int_customers__linked", warehouse=warehouse)

    assert str(result.status) == "error"
    assert "concord identity run" in result.message


def test_each_live_record_is_of_the_customer_that_resolution_named(
    disordered: Any,
) -> None:
    """The golden id arrives as it is, for every system that holds customers."""
    links = disordered.rows(
        "select record_key, golden_id, evidence, is_in_review from identity.links"
        " where is_live order by record_key"
    )

    records = disordered.rows(
        "select record_key, customer_id, evidence, is_in_review"
        " from canonical.customer_records order by record_key"
    )

    assert len({key.split(":")[0] for key, *_ in links}) >= 6
    assert records == links


def test_a_system_has_one_primary_record_of_a_customer(disordered: Any) -> None:
    """All others name it as the one that they duplicate."""
    wrong = disordered.rows(
        """
        select records.customer_id, records.system
        from canonical.customer_records as records
        left join canonical.customer_records as primaries
            on primaries.customer_id = records.customer_id
            and primaries.system = records.system
            and primaries.record_id = records.duplicate_of
            and primaries.is_primary
        group by all
        having count(*) filter (records.is_primary) <> 1
            or count(primaries.record_id) <> count(*) - 1
        """
    )

    assert wrong == []
