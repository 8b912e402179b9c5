"""The verification ladder: what must be true of a draft before anybody is asked."""
