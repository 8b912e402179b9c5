"""Runs: durable executions of playbooks, their children and their trace."""
