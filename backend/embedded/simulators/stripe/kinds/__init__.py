"""One module per kind of Stripe object: its default shape, its parameters and its operations."""
