import pytest

from collab.errors import CannotStart
from collab.redis_server import RedisPlace


@pytest.mark.parametrize(
    "url",
    ["redis://host:6379", "rediss://user:word@host", "redis://", "unix:///run/redis.sock", "redis://h/3"],
)
def test_urls(url: str) -> None:
    RedisPlace(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host:6379",
        "http://:hushhush@h",
        "redis://:hushhush@h:port",
        "redis://h?nonsense=1",
        "redis://[::1",
    ],
)
def test_what_is_no_url_is_said_in_one_sentence(url: str) -> None:
    with pytest.raises(CannotStart, match="write redis://") as caught:
        RedisPlace(url)
    assert "\n" not in str(caught.value)
    assert "hushhush" not in str(caught.value)
