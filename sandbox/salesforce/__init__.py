"""Salesforce, with the CPQ package: one organisation."""
