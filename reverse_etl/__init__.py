"""Reverse ETL: golden records back into the systems: plan, guard, push, read back.

A plan compares, field by field, the last confirmed value, the value there now and the
golden value. What is sent has an effect exactly once: the intent is on the disk before
the first byte leaves, and an unknown outcome is resolved by reading.
"""
