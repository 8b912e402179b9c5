"""Applies what came in by a connection's webhook, one batch after the other."""
