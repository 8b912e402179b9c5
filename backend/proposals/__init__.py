"""Proposals: what an agent wants to change, who decides it, and the one effect that follows."""
