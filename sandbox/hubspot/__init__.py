"""HubSpot: one account, with its CRM records, properties, associations and webhooks.

Conditions that the control door may change:

- `search_lag_seconds`: how old a write must be for search to see it (0; at HubSpot up
  to `search.VENDOR_SEARCH_LAG_SECONDS`).
- `calls_per_ten_seconds`, `calls_per_day`, `searches_per_second`: budgets of each app
  (see `gate`).
- `token_seconds`: how long an access token lives (1800).
- `scopes`: the list of scopes that the app was granted, instead of all.
- `migrating`: true while the account moves between data centres (status 477).
- `drift`: changes of the schema, `[{"object": "companies", "field": "industry",
  "change": "removed" | "added" | "retyped", "type": "number"}]`.
- `validation_rules`: what the account's admin demands of values, `[{"object":
  "companies", "property": "name", "rule": "MIN_LENGTH" | "MAX_LENGTH" | "REGEX" |
  "MIN_NUMBER" | "MAX_NUMBER" | "REQUIRED", "argument": "3"}]`.
- `journal_seconds`: how long the webhooks journal keeps its entries (three days).
"""
