"""Disorder: the mistakes that people and systems make, planted and labelled."""
