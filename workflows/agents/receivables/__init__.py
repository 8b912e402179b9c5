"""The agent that looks at one overdue invoice."""
