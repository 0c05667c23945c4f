"""Zendesk: one support account."""
