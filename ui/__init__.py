"""The web interface: pages, words and forms in Python. It asks the API for everything and touches no database."""
