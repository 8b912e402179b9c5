"""Who is asking and what is theirs: organizations, members, rights, sessions, and the only door to tenant tables."""
