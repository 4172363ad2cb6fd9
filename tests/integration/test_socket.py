"""The wire on a real socket: our protocol class and the fallback on plain ASGI, in both encodings."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from collab.closing import CloseCode
from collab.codec import Encoding
from collab.errors import Refusal
from collab.messages import (
    Ack,
    Goodbye,
    Hello,
    Open,
    Presence,
    Probe,
    Refused,
    RoleChanged,
    SetPresence,
    Submit,
    Time,
    Welcome,
)
from collab.protocol import SocketProtocol
from tests.integration.world import WireClient, World, new_id, world


@pytest.fixture(params=[SocketProtocol, "websockets-sansio"], ids=["frames", "plain"])
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, ws=request.param) as node:
        yield node


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_an_op_reaches_everyone_and_is_its_authors_ack(node: World, encoding: Encoding) -> None:
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, viewer=bob)
    async with node.client(ann, encoding) as writer, node.client(bob) as reader:
        opened = await writer.open(document)
        assert (opened.version, opened.role, opened.reason) == (0, "owner", "fresh")
        assert (await reader.open(document)).role == "viewer"
        await writer.send(writer.append(document, 1, 0, 0, title="Été"))
        [own], [foreign] = await writer.rows(1), await reader.rows(1)
        assert own == foreign
        assert (own.version, own.client, own.seq, own.author) == (1, writer.id, 1, ann.id)
    head = (await node.store.heads([document]))[document]
    assert head.version == 1


async def test_a_resend_is_answered_and_not_applied_again(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    client_id = new_id()
    async with node.client(ann, client_id=client_id) as before:
        await before.open(document)
        submission = before.append(document, 1, 0, 0)
        await before.send(submission)
        await before.rows(1)
    async with node.client(ann, client_id=client_id) as after:
        opened = await after.open(document, epoch="", version=0, inflight=1)
        assert opened.settled is not None
        assert (opened.settled.seq, opened.settled.version) == (1, 1)
        await after.send(submission)
        assert (await after.receive(Ack)).version == 1
        other = Submit(document, 1, 0, {"a": {"description": "another body"}})
        await after.send(other)
        assert (await after.receive(Refused)).code == "seq_reused"
        await after.send(Submit(document, 3, 1, {"a": {"description": "a gap"}}))
        assert (await after.receive(Refused)).code == "seq_gap"
        assert (await node.store.heads([document]))[document].version == 1


async def test_a_client_that_comes_back_gets_what_it_missed(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as writer, node.client(ann) as away:
        epoch = (await away.open(document)).epoch
        await writer.open(document)
        for seq in range(1, 101):
            await writer.send(writer.append(document, seq, 0, 0))
        await writer.rows(100)
        few = await away.open(document, epoch=epoch, version=90)
        assert [row.version for row in few.ops] == list(range(91, 101))
        many = await away.open(document, epoch=epoch, version=3)
        assert (many.reason, many.snapshot) == ("resumed", None)
        assert sum(row.count for row in many.ops) == 97
        assert len(many.ops) < 97
        await away.send(Open(document, epoch=epoch, version=101))
        assert (await away.receive(Refused)).code == "version_ahead"
        other_epoch = await away.open(document, epoch=new_id(), version=50)
        assert other_epoch.reason == "epoch"
        assert other_epoch.snapshot is not None
        assert len(other_epoch.snapshot.state["entries"]) == 100


async def test_a_viewers_edit_is_refused_and_a_new_role_needs_no_reconnect(node: World) -> None:
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, viewer=bob)
    async with node.client(bob) as client:
        await client.open(document)
        await client.send(client.append(document, 1, 0, 0))
        assert (await client.receive(Refused)).code == "forbidden"
        await node.server.hub.compare_heads()
        await node.store.set_member(document, bob.id, "editor")
        await node.server.hub.compare_heads()
        assert (await client.receive(RoleChanged)).role == "editor"
        await client.send(client.append(document, 2, 0, 0))
        assert (await client.rows(1))[0].author == bob.id
        await node.store.set_member(document, bob.id, None)
        await node.server.hub.compare_heads()
        assert (await client.receive(RoleChanged)).role == ""
        await client.send(client.append(document, 3, 1, 1))
        assert (await client.receive(Refused)).code == "not_open"


async def test_a_role_taken_away_beats_an_op_on_its_way(node: World) -> None:
    """Nobody told the room: the store does, because the op's head no longer stands."""
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, editor=bob)
    async with node.client(bob) as client:
        await client.open(document)
        await node.store.set_member(document, bob.id, None)
        await client.send(client.append(document, 1, 0, 0))
        assert (await client.receive(RoleChanged)).role == ""
        assert (await node.store.heads([document]))[document].version == 0


async def test_a_role_given_over_http_holds_for_the_next_request(node: World) -> None:
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann)
    documents = node.documents
    async with node.client(ann) as client:
        await client.open(document)
        for _ in range(3):
            await documents.set_member(document, bob.id, "editor")
            await documents.edit(document, bob.id, {"a": {"description": "by Bob"}})
            assert (await documents.read(document, bob.id)).role == "editor"
            await documents.set_member(document, bob.id, None)
            with pytest.raises(Refusal, match="no such thing"):
                await documents.read(document, bob.id)


async def test_what_is_absent_and_what_is_forbidden_answer_alike(node: World) -> None:
    ann, eve = await node.person("Ann"), await node.person("Eve")
    document = await node.playlist(ann)
    async with node.client(eve) as client:
        answers = []
        for room in (document, new_id(), "no id at all"):
            await client.send(Open(room))
            refusal = await client.receive(Refused)
            answers.append((refusal.seq, refusal.code, refusal.message, refusal.retryable))
        assert len(set(answers)) == 1
        assert answers[0][1] == "not_found"


async def test_presence_is_seen_until_the_socket_ends(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as watcher:
        await watcher.open(document)
        await watcher.receive(Presence)
        async with node.client(ann) as shown:
            opened = await shown.open(document)
            assert [member.name for member in opened.members] == ["Ann"]
            await shown.send(SetPresence(document, 1, {"cursor": {"after": None}}))
            while True:
                seen = (await watcher.receive(Presence)).members
                if seen and seen[-1].state:
                    break
            assert seen[-1].state == {"cursor": {"after": None}}
            member = seen[-1].id
        left = (await watcher.receive(Presence)).left
        assert left == (member,)


async def test_the_clock_is_answered_before_anything_else(node: World) -> None:
    ann = await node.person("Ann")
    async with node.client(ann) as client:
        await client.send(Probe(7), Probe(8))
        first, second = await client.receive(Time), await client.receive(Time)
        assert (first.t0, second.t0) == (7, 8)
        assert first.t1 <= first.t2


async def test_a_large_op_travels_in_parts_both_ways(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as writer, node.client(ann, Encoding.JSON) as reader:
        await writer.open(document)
        await reader.open(document)
        entries = [writer.entry(title="t" * 100, note="n" * 100) for _ in range(2000)]
        await writer.send(Submit(document, 1, 0, {"l": [["i", entries]]}))
        [row] = await reader.rows(1)
        assert row.op == {"l": [["i", entries]]}
    async with node.client(ann) as late:
        opened = await late.open(document)
        assert opened.snapshot is not None
        assert opened.snapshot.state["entries"] == entries


REFUSED_OPS: list[tuple[str, Any]] = [
    ("op_malformed", {"l": [["x", 1]]}),
    ("op_malformed", {"l": [["k", 0]]}),
    ("op_malformed", {"l": "keep"}),
    ("op_length", {"l": [["k", 10**9], ["r", 1]]}),
    ("op_drops", {"l": [["p", 1], ["d", 1, 1]]}),
    ("entry_invalid", {"l": [["k", 1, {"colour": "red"}]]}),
    ("attribute_invalid", {"a": {"name": ""}}),
]


async def test_each_bad_op_has_its_code_and_costs_one_seq(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client:
        await client.open(document)
        await client.send(client.append(document, 1, 0, 0))
        await client.rows(1)
        taken, foreign = client.entry() | {"uid": f"{client.id}.1"}, client.entry() | {"uid": f"{new_id()}.1"}
        bad = [
            *REFUSED_OPS,
            ("uid_taken", {"l": [["i", [taken]], ["k", 1]]}),
            ("uid_foreign", {"l": [["i", [foreign]], ["k", 1]]}),
        ]
        for seq, (code, op) in enumerate(bad, start=2):
            await client.send(Submit(document, seq, 1, op))
            refused = await client.receive(Refused)
            assert (refused.seq, refused.code, refused.retryable) == (seq, code, False)
            assert refused.message.endswith(".")
        seq = 2 + len(bad)
        await client.send(Submit(document, seq, 99, {"a": {"description": "from the future"}}))
        assert (await client.receive(Refused)).code == "base_ahead"
        await client.send(Submit(document, seq + 1, 1, {"a": {"description": "fine"}}))
        assert (await client.rows(1))[0].version == 2


async def test_a_bad_frame_ends_the_connection_with_its_reason(node: World) -> None:
    ann = await node.person("Ann")
    for payload, code, close_code in [
        (b"\xc1", "malformed", CloseCode.BAD_MESSAGE),
        (b"\x91" * 2000, "too_deep", CloseCode.BAD_MESSAGE),
        (b"\x91\x81\xa4type\xcb" + b"\x7f\xf0" + bytes(6), "number_invalid", CloseCode.BAD_MESSAGE),
    ]:
        async with node.client(ann) as client:
            await client.socket.send(payload)
            assert await client.ends() == close_code
            assert [goodbye.code for goodbye in client.left(Goodbye)] == [code]


async def test_nobody_gets_in_without_a_good_token(node: World) -> None:
    ann, eve = await node.person("Ann"), await node.person("Eve")
    document = await node.playlist(ann)
    client_id = new_id()
    async with node.client(ann, client_id=client_id) as client:
        await client.open(document)
        await client.send(client.append(document, 1, 0, 0))
        await client.rows(1)
    for hello, code in [
        (Hello("no token", new_id()), "token_invalid"),
        (Hello(eve.token, client_id), "client_taken"),
        (Hello(eve.token, "short"), "client_invalid"),
    ]:
        async with node.socket() as socket:
            stranger = WireClient(socket, Encoding.MSGPACK, "", eve)
            await stranger.send(hello)
            assert 4000 <= await stranger.ends() < 4100
            assert [goodbye.code for goodbye in stranger.left(Goodbye)] == [code]
            assert not stranger.left(Welcome)


async def test_an_edit_over_http_is_seen_at_once(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client:
        await client.open(document)
        documents = node.documents
        version = await documents.edit(document, ann.id, {"a": {"description": "by HTTP"}})
        [row] = await client.rows(1)
        assert (row.version, row.author, row.op) == (version, ann.id, {"a": {"description": "by HTTP"}})
        await documents.delete(document, ann.id)
        with pytest.raises(Refusal, match="no such thing"):
            await documents.read(document, ann.id)
        assert (await client.receive(RoleChanged)).role == ""


async def test_who_is_refused_when_opening_again_is_no_longer_there(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client:
        epoch = (await client.open(document)).epoch
        await client.send(Open(document, epoch=epoch, version=9))
        assert (await client.receive(Refused)).code == "version_ahead"
        runner = node.server.hub.runner(document)
        assert runner is not None
        assert not runner.is_followed
        await client.send(client.append(document, 1, 0, 0))
        assert (await client.receive(Refused)).code == "not_open"
        await client.open(document)
        assert runner.is_followed
        # A refusal of seq 0 would be about the `open`.
        await client.send(Submit(document, 0, 0, {}))
        assert await client.ends() == CloseCode.BAD_MESSAGE
