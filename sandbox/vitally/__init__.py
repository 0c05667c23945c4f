"""Vitally: one workspace, `concord.rest.vitally.io`; thin.

It holds organizations, accounts, users and notes; NPS responses only where somebody
writes them.

Conditions:

- `requests_per_minute` (1000): the size of the bucket of calls.
- `list_lag_seconds` (0): how late lists see a write; a record asked for by its id is
  always the newest.
- `drift` (none): fields and traits that appear, vanish or change their type, such as
  `[{"object": "accounts", "field": "traits.tier", "change": "added"}]`; a change
  `retyped` names the `type`: string, number, boolean or list.
"""
