"""Deletes: a record that is not listed any more becomes a tombstone.

Where a system tells of its deletions, the record comes marked and nothing is done here.
"""

import duckdb
import pyarrow as pa

from ingestion.errors import Rejected
from ingestion.streams import Stream
from ingestion.systems import System

# A listing that lacks a fifth of what was there is more often a broken listing, or
# another account, than a mass deletion. Small tables may lose more.
_SHARE = 0.2
_ROWS = 20


def tombstones(
    connection: duckdb.DuckDBPyConnection,
    system: System,
    stream: Stream,
    present: pa.Array,
) -> pa.Table:
    """Return the rows that are gone, as they last stood, marked as deleted.

    `present` holds the identifiers of everything the system listed.

    Raises:
        Rejected: so much is missing that a person has to look first.
    """
    table = f'"{system.schema}"."{stream.name}"'
    columns = ", ".join(f'"{name}"' for name in stream.schema.names)
    connection.register("present", pa.table({"id": present}))
    try:
        gone = connection.execute(
            f"select {columns} from {table}"
            " where not is_deleted and id not in (select id from present)"
        ).to_arrow_table()
    finally:
        connection.unregister("present")
    if gone.num_rows > _ROWS:
        counted = connection.execute(
            f"select count(*) from {table} where not is_deleted"
        ).fetchone()
        alive = counted[0] if counted else 0
        if gone.num_rows > _SHARE * alive:
            raise Rejected(
                system.name,
                f"{gone.num_rows} of {alive} records are not listed any more",
                "check that the settings still name the same account; if the records"
                " are gone indeed, delete the warehouse file, which is built again"
                " from the systems, and run again",
                object=stream.object,
            )
    mark = stream.schema.get_field_index("is_deleted")
    deleted = pa.array([True] * gone.num_rows, pa.bool_())
    return gone.cast(stream.schema).set_column(mark, stream.schema.field(mark), deleted)
