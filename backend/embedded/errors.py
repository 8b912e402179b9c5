"""The one error of the start-up: a sentence for the person at the terminal."""


class StartupError(RuntimeError):
    """Says what is wrong and what to do next, in one sentence; the command line prints it and exits with 1."""
