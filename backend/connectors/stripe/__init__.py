"""Stripe on its wire API: adapter, mapping to canonical records, and the actions on receivables."""
