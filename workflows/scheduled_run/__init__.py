"""What a playbook's schedule starts when its time has come: the request for a run."""
