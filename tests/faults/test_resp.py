"""The proxy before Redis: what it spoils are messages, and nothing else."""

import asyncio
from random import Random

import pytest
from redis.asyncio import Redis

from tests.collab.serving import HUNG_S
from tests.faults.resp import RedisProxy, _frames

_WIRE = (
    b"+OK\r\n",
    b":7\r\n",
    b"$-1\r\n",
    b"$4\r\n\r\n\r\n\r\n",
    b"*-1\r\n",
    b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n",
    b"%1\r\n+key\r\n>2\r\n_\r\n#t\r\n",
    b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\n\x00\xff\r\n",
)


async def test_values_are_framed_as_they_stand() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"".join(_WIRE))
    reader.feed_eof()
    assert [frame async for frame in _frames(reader)] == list(_WIRE)


@pytest.mark.parametrize("version", [2, 3])
async def test_requests_are_answered_and_messages_spoiled(valkey_server: str, version: int) -> None:
    async with asyncio.timeout(HUNG_S), RedisProxy(valkey_server, Random(1), 0.1) as proxy:
        redis = Redis.from_url(f"{proxy.url}?protocol={version}")
        async with redis, redis.pubsub() as channel:
            await channel.subscribe("tutti:test")
            for number in range(200):
                await redis.set("key", number)
                assert await redis.get("key") == b"%d" % number
                await redis.publish("tutti:test", number)
            # What is said last is said until it is heard.
            heard: list[int] = []
            while 1000 not in heard:
                await redis.publish("tutti:test", 1000)
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=None)
                if message is not None:
                    heard.append(int(message["data"]))
    assert proxy.spoiled
    before = heard[: heard.index(1000)]
    assert len(set(before)) < 200, "some are lost"
    assert len(set(before)) < len(before), "some come twice"
    assert before != sorted(before), "some come late"
