"""Turns what the services return into the wire types of ``backend.schemas``. Reads nothing, decides nothing."""
