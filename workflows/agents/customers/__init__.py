"""The agent that looks at two customers which may be one."""
