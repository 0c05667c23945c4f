"""Zendesk: one support account.

Conditions that the control door may set for `zendesk`, with their defaults:

- `calls_per_minute` (700): of the whole account; Zendesk's plans have 200, 400, 700
  and 2,500.
- `export_calls_per_minute` (10): of the incremental exports; the add-on has 30.
- `update_calls_per_minute` (100): of single ticket updates.
- `export_lag_seconds` (0): how young a record must be to be left out of the exports;
  Zendesk uses 60.
- `search_lag_seconds` (0): how old the search index is; Zendesk says up to minutes.
- `job_seconds` (0): how long a bulk job takes.
- `job_looks` (1): how often a job that takes no time is seen `working`.
- `job_fate` (none): what becomes of jobs accepted from now on, such as
  `{"status": "killed", "after": 3}`: carried out for three items, then `killed` or
  `failed`.
- `bulk_user_imports` (true): whether the account may create or update many users.
- `token_seconds` (172,800): how long an OAuth token is good.
- `drift` (none): fields of records that Zendesk suddenly adds, removes or retypes, such
  as `[{"object": "organization", "field": "organization_fields.region",
  "change": "removed"}]`.
"""
