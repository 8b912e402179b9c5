"""What browsers are told about the way to us."""


def transport_security(public_url: str) -> dict[str, str]:
    """Where browsers see us by https: the header after which they come no other way for a year."""
    if not public_url.startswith("https://"):
        return {}
    return {"Strict-Transport-Security": "max-age=31536000"}
