"""Durable work on Temporal: its client, relay and worker, the processes, and the agents that they run."""
