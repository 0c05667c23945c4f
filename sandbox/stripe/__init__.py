"""Stripe, billing and payments: one account.

Conditions that the control door may set for `stripe`, with their defaults:

- `requests_per_second` (100): of the whole account, as in live mode.
- `endpoint_requests_per_second` (25): of each endpoint.
- `searches_per_second` (20): of each search.
- `meter_events_per_second` (1,000): which count towards nothing else. While the clock
  stands still only budgets that were set are kept: a second that does not pass would
  never refill them.
- `search_lag_seconds` (0): how old the search index is; Stripe says under a minute.
- `execution_seconds` (0): how long a request with an idempotency key takes, in real
  time; meanwhile its key is in use.
- `clock_seconds` (0): how long a test clock stays `advancing`; with 0 it is ready when
  next asked about.
- `drift` (none): fields of objects that appear, vanish or change their type in
  answers, such as `[{"object": "customer", "field": "tier", "change": "added"}]`; a
  change `retyped` names the `type`: string, number, boolean or list. What is sent to
  webhooks stays: it is pinned to a version.
- `webhook_faults`, `webhook_retry_seconds`: see `sandbox.webhooks`.

The second API has thin events and their destinations, but no ping of one; a promotion
code's minimum amount is kept and never compared, which Stripe leaves to Checkout.
"""
