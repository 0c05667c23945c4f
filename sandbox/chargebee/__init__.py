"""Chargebee: one test site of the product catalogue 2.0, `concord.chargebee.com`.

Conditions:

- `requests_per_minute` (150): calls that the plan allows.
- `list_lag_seconds` (0): how late lists see a write.
- `drift` (none): fields of records that appear, vanish or change their type, such as
  `[{"object": "customer", "field": "cf_tier", "change": "added"}]`; a change
  `retyped` names the `type`: string, number, boolean or list.
- `webhook_faults` and `webhook_retry_seconds`: see sandbox.webhooks.

Terms begin, and invoices are made, only on a journey of the time machine.
"""
