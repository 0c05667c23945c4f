"""Scenarios of revenue: written as YAML, run through the models of production."""
