"""One run of a playbook: finds the candidates and lets one agent run look at each."""
