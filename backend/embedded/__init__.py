"""What `countersign up` starts on one machine: PostgreSQL, Temporal, our processes, the demo."""
