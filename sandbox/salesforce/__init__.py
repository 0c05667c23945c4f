"""Salesforce, with the CPQ package: one organisation.

Conditions that the control door may set under `salesforce`, with their defaults:

- `daily_calls` (100,000): calls in any 24 hours; then 403 REQUEST_LIMIT_EXCEEDED.
- `session_seconds` (7,200): how long a new session runs.
- `job_seconds` (0): how long a bulk job takes; real ones take seconds to minutes.
- `kill_jobs_after_rows` (none): a bulk job that ends now fails after so many rows.
- `query_lag_seconds` (0): how old the state is that queries, bulk queries and the lists
  of `updated` and `deleted` answer from; a record that is read by its id is the newest.
  `latestDateCovered` does not go beyond what is seen. Salesforce promises no number.
- `max_changed_ids` (600,000): ids in one answer of `updated` or `deleted`.
- `drift` (none): `[{object, field, change: added|removed|retyped, type}]`.
- `validation_rules`, `duplicate_rules`: replace the organisation's own, see `rules`.
"""
