"""Driver: one Spark session that knows the raw tables, and dbt in it.

It runs in Spark's own environment and imports nothing of the house. What happens is
told on standard output, one JSON object a line; whoever started it reads along.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

READY_SECONDS = 600.0
# One core a worker, and two of them: what two machines would be in small.
SETTINGS = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.executor.memory": "1g",
    "spark.executor.cores": "1",
    "spark.ui.port": "0",
    "spark.ui.showConsoleProgress": "false",
    # A table here is small: more parts than cores would be work for nothing.
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    # Planning anew at every stage pays for large tables, not for these.
    "spark.sql.adaptive.enabled": "false",
    # DuckDB and others read instants of this kind as instants.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.session.timeZone": "UTC",
    # To compile each query to bytecode takes longer than to run it over small tables.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # A calendar of days goes deeper than the hundred levels that Spark begins with.
    "spark.sql.cteRecursionLevelLimit": "100000",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}


def say(**said: Any) -> None:
    """Tell whoever listens."""
    sys.stdout.write(json.dumps(said, default=str) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Build, and return the exit status."""
    given, arguments = _arguments()
    spark = _session(given.master, given.tables, given.workers)
    say(event="ready", spark=spark.version, registered=_register(spark, given.raw))
    started = time.monotonic()
    _stay_strict()
    succeeded = _dbt(given, "build", *arguments)
    # What engines would answer differently, asked of this one.
    succeeded &= _dbt(given, "test", "--select", "tag:dialect")
    say(
        event="built",
        succeeded=succeeded,
        seconds=round(time.monotonic() - started, 1),
        executors=_executors(spark),
    )
    spark.stop()
    return 0 if succeeded else 1


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    """Return ours, and those that are dbt's."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("--master", "--raw", "--tables", "--project", "--work", "--as-of"):
        parser.add_argument(name, required=True)
    parser.add_argument("--workers", type=int, required=True)
    return parser.parse_known_args()


def _session(master: str, tables: str, workers: int) -> Any:
    """Return a session once all workers have an executor in it."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("concord")
    builder = builder.config("spark.sql.warehouse.dir", tables)
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    deadline = time.monotonic() + READY_SECONDS
    while sum(each["isActive"] for each in _executors(spark)) < workers:
        if time.monotonic() > deadline:
            raise SystemExit("The workers did not come up: see their logs.")
        time.sleep(0.5)
    return spark


def _register(spark: Any, raw: str) -> int:
    """Make each folder of parquet files a table; return how many there are."""
    from pyarrow.parquet import read_schema
    from pyspark.sql.pandas.types import from_arrow_schema

    count = 0
    for schema in sorted(Path(raw).iterdir()):
        spark.sql(f"create schema if not exists {schema.name}")
        for table in sorted(schema.iterdir()):
            files = sorted(table.glob("*.parquet"))
            if table.name.startswith("_dlt") or not files:
                continue
            # Said, and not looked up: Spark would start a job for each table.
            columns = from_arrow_schema(read_schema(files[0])).toDDL()
            spark.sql(
                f"create table {schema.name}.{table.name} ({columns})"
                f" using parquet location '{table.resolve()}'"
            )
            count += 1
    return count


def _stay_strict() -> None:
    """Keep dbt-spark from switching ANSI off in every session that it is given.

    Without it an overflow wraps around, text that is no number is null, and nobody is
    told; and a decimal of nothing is written 0E-12.
    """
    from dbt.adapters.spark.connections import SparkCredentials

    prepare = SparkCredentials.__post_init__

    def prepare_strictly(credentials: Any) -> None:
        prepare(credentials)
        credentials.server_side_parameters["spark.sql.ansi.enabled"] = "true"

    SparkCredentials.__post_init__ = prepare_strictly


def _dbt(given: argparse.Namespace, command: str, *arguments: str) -> bool:
    """Run a command of dbt in this process, telling of each node that it ends."""
    from dbt.cli.main import dbtRunner

    def listen(event: Any) -> None:
        if event.info.name == "NodeFinished":
            node = event.data.node_info
            say(event="node", node=node.node_name, kind=node.resource_type)

    answer = dbtRunner(callbacks=[listen]).invoke(
        [
            *(command, "--target", "spark", "--quiet", "--no-use-colors"),
            *("--project-dir", given.project, "--profiles-dir", given.project),
            *("--target-path", given.work, "--log-path", given.work),
            *("--vars", json.dumps({"as_of": given.as_of})),
            *arguments,
        ]
    )
    if answer.exception is not None:
        say(event="failed", node="dbt", message=str(answer.exception))
    for result in getattr(answer.result, "results", ()):
        if str(result.status) not in {"success", "pass", "warn", "skipped"}:
            say(event="failed", node=result.node.name, message=result.message)
    return bool(answer.success)


def _executors(spark: Any) -> list[dict[str, Any]]:
    """Return what Spark's own interface tells of its executors, the lost ones too."""
    context = spark.sparkContext
    address = (
        f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/allexecutors"
    )
    with urlopen(address) as answer:  # noqa: S310  # our own driver, on loopback
        told = json.load(answer)
    wanted = ("id", "isActive", "completedTasks", "failedTasks", "totalDuration")
    return [
        {name: each[name] for name in wanted} for each in told if each["id"] != "driver"
    ]


if __name__ == "__main__":
    sys.exit(main())
