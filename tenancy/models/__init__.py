"""Tables of tenancy, one module per concept."""
