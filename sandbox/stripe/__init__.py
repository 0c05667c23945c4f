"""Stripe, billing and payments: one account."""
