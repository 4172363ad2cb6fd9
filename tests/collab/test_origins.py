import pytest

from collab.config import Settings
from collab.origins import is_loopback, own_origins

ORIGINS = own_origins(Settings(allow_host=("Tutti.Example.com",), allow_origin=("https://app.example.com",)))


@pytest.mark.parametrize(
    ("origin", "host", "is_allowed"),
    [
        (None, "localhost:8300", True),  # not a browser
        ("http://localhost:8300", "localhost:8300", True),
        ("https://LOCALHOST:8300", "localhost:8300", True),
        ("https://app.example.com", "localhost:8300", True),
        ("http://localhost:8301", "localhost:8300", False),
        ("http://localhost", "localhost:8300", False),
        ("http://127.0.0.1:8300", "localhost:8300", False),
        ("http://app.example.com", "localhost:8300", False),
        ("https://app.example.com.evil.com", "localhost:8300", False),
        ("file://localhost:8300", "localhost:8300", False),
        ("http://evil.example.com", "evil.example.com", False),  # a name that was turned to our address
        ("null", "null", False),
        ("", "", False),
    ],
)
def test_whose_pages_may_open_a_socket(origin: str | None, host: str, is_allowed: bool) -> None:
    assert ORIGINS.origin_is_allowed(origin, host) == is_allowed


def test_the_operators_names_are_ours_in_any_case() -> None:
    assert ORIGINS.host_is_ours("tutti.EXAMPLE.com:443")
    assert not ORIGINS.host_is_ours("example.com")


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.7", False),
        ("::ffff:192.168.1.7", False),
        ("testclient", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback(address: str | None, is_ours: bool) -> None:
    assert is_loopback(address) == is_ours
