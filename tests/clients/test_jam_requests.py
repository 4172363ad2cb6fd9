"""What people type, paste and scan to come in."""

import pytest

from tutti_client.jam_requests import key_in

SECRET = "0123456789abcdefghijKL"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("K7QX-2MBD", {"code": "K7QX-2MBD"}),
        (" k7qx 2mbd\n", {"code": "k7qx 2mbd"}),
        ("http://127.0.0.1:8300/j/K7QX2MBD", {"code": "K7QX2MBD"}),
        ("HTTPS://TUTTI.EXAMPLE/J/K7QX2MBD/", {"code": "K7QX2MBD"}),
        ("https://tutti.example/j/K7QX%2D2MBD", {"code": "K7QX-2MBD"}),
        (SECRET, {"invite": SECRET}),
        (f"https://app.example/come#{SECRET}", {"invite": SECRET}),
        (f"https://app.example/come/{SECRET}?from=mail", {"invite": SECRET}),
        ("", {"code": ""}),
    ],
)
def test_the_key_in_what_was_typed(typed: str, key: dict[str, str]) -> None:
    assert key_in(typed) == key
