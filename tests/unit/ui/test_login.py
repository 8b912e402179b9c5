"""After signing in one comes back to where one was, and never to another site."""

import pytest

from ui.pages.login import local_path


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/proposals/0199", "/proposals/0199"),
        ("/runs", "/runs"),
        ("", "/proposals"),
        ("https://elsewhere.example", "/proposals"),
        ("//elsewhere.example", "/proposals"),
        ("/\\elsewhere.example", "/proposals"),
    ],
)
def test_next_when_it_leaves_this_site_then_the_matrix_is_used(wanted: str, target: str) -> None:
    assert local_path(wanted) == target
