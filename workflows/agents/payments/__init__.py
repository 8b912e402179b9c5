"""The agent that looks at one invoice whose card payment failed."""
