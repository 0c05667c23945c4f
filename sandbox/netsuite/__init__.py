"""NetSuite: one ERP account."""
