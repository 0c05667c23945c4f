"""Vitally: one workspace, `concord.rest.vitally.io`; thin.

Conditions: `requests_per_minute` (the size of the bucket of calls).
"""
