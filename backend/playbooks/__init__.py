"""Playbooks: versioned definitions of what an agent is for and what it may do."""
