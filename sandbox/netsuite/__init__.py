"""NetSuite: one ERP account, `1234567`.

Conditions (`POST /_sandbox/conditions {"netsuite": {...}}`), and what holds without:

- `closed_through`: a day; postings dated on it or before are refused. None. Records of
  `accountingperiod` with `closed` or `alllocked` T refuse as well;
  `override_period_restrictions`: the role may post in locked ones, false.
- `concurrency_limit`: requests at a time, 15; `seconds_per_request`: how long each is
  under way, 0.
- `date_format`: how users write days, M/D/YYYY; `time_zone`: UTC (NetSuite's own
  default is `query.VENDOR_TIME_ZONE`).
- `denied`: names of records that the role may not see; `role`: administrator.
- `drift`: `[{"object": table, "field": column, "change": "added", "removed" or
  "retyped"}]`; a retyped column shows its value as text with words.
- `job_seconds`: how long an asynchronous job takes, 0; `kill_jobs_after`: after so many
  tasks a job dies, never.
- `line_item_required`: lines need an item, as most accounts demand; false.
- `replica_lag_seconds`: how old the tables are that SuiteQL reads, 0; the record API
  always shows the newest.
- `token_seconds`: how long a token lives, 3600.
"""
