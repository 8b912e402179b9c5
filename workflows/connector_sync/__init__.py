"""Brings a connection's records up to date."""
