"""The audit: its chain, who seals it, how it is read, exported and verified."""
