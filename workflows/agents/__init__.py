"""The agents, one room each."""
