"""Cluster: the same models on Apache Spark, and whether every number is the same.

`servers` starts a master and workers on loopback, `driver` runs dbt in Spark's own
environment, `equal` compares what came of it with what DuckDB makes of the same files,
`run` does all this in order. `make cluster` is the command, `docs/scale.md` the why.
"""
