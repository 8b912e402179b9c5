"""The REST API and the web's log-in: Litestar code alone, one controller module per capability."""
