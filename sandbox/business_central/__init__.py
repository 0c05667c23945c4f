"""Business Central: the ERP of one legal entity of the group, over OData.

Conditions that the control door may set for `business_central`, with their defaults:

- `calls_per_window` (6,000): of one user within five minutes, as Business Central
  Online has it.
- `concurrent_limit` (5): requests that are worked on at the same time; `queue_limit`
  (95): how many more wait; `seconds_per_request` (0): how long each is worked on.
- `replica_lag_seconds` (0): how old the state is that a call with the header
  `Data-Access-Intent: ReadOnly` reads.
- `token_seconds` (3,599): how long a token of Entra is good.
- `closed_before` (none): the first day that is open for posting, such as 2026-10-01.
- `coalesce_seconds` (30): how long changes are gathered into one notification.
- `subscription_seconds` (259,200): how long a subscription lasts without renewal.
- `page_size` (20,000): rows of a page.
- `drift` (none): properties that appear, vanish or change their type, such as
  `[{"object": "customers", "field": "taxRegistrationNumber", "change": "removed"}]`.
"""
