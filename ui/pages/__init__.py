"""One module per page: what it shows and the state behind it."""
