"""Orchestration: the same steps as Dagster assets, and when they run.

No business rule lives here. `defs/` wraps the rooms' functions as assets, `cli.py` is
the command `concord`, `demo.py` runs the whole loop once on an invented company.
"""
