"""One candidate from the first look to the recorded effect."""
