from pathlib import Path
from typing import Any

import pytest

from collab.config import OwnIssuer, Settings, own_issuer
from collab.errors import CannotStart


def test_a_server_that_nobody_configured_is_private() -> None:
    settings = Settings()
    assert (settings.bind_host, settings.port, settings.scheme) == ("127.0.0.1", 8300, "http")
    assert settings.allow_origin == ()


def test_the_promised_limits_are_the_defaults() -> None:
    limits = Settings().limits
    assert (limits.submissions_per_s, limits.submissions_burst) == (50, 500)
    assert (limits.http_requests, limits.guests_per_minute, limits.sockets_per_address) == (600, 20, 64)


def test_lan_means_every_address() -> None:
    assert Settings(lan=True).bind_host == "0.0.0.0"


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://a.example.com", "http://[::1]:3000"])
def test_origins(origin: str) -> None:
    assert Settings(allow_origin=(origin,)).allow_origin == (origin,)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tls_cert": Path("cert.pem")}, "--tls-key"),
        ({"tls_key": Path("key.pem")}, "--tls-cert"),
        ({"allow_origin": ("*",)}, "not an origin"),
        ({"allow_origin": ("https://*.example.com",)}, "not an origin"),
        ({"allow_origin": ("https://example.com/",)}, "not an origin"),
        ({"allow_origin": ("example.com",)}, "not an origin"),
        ({"port": 80, "admin_port": 80}, "--admin-port"),
        ({"issuer": OwnIssuer("i", "a", "http://keys.example.com/")}, "with https"),
        ({"issuer": OwnIssuer("i", "a", "keys.example.com")}, "with https"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(CannotStart, match=says) as caught:
        Settings(**wrong)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("jwks", ["https://keys.example.com/jwks", "http://127.0.0.1:9/", "http://[::1]:9/"])
def test_an_issuer_of_ones_own(jwks: str) -> None:
    issuer = own_issuer("https://accounts.example.com", "tutti", jwks)
    assert Settings(issuer=issuer).issuer == OwnIssuer("https://accounts.example.com", "tutti", jwks)
    assert own_issuer(None, None, None) is None


@pytest.mark.parametrize("named", [("i", None, None), ("i", "a", None), ("i", "", "j"), (None, "a", "j")])
def test_half_an_issuer_is_none(named: tuple[str | None, str | None, str | None]) -> None:
    with pytest.raises(CannotStart, match="together"):
        own_issuer(*named)
