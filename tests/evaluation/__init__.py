"""Evaluation: what reconciliation finds of what the sandbox planted."""
