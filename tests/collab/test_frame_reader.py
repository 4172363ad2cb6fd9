from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from collab.closing import CloseCode
from collab.frame_reader import Close, FrameError, FrameReader, Ping, Pong, Received

TEXT, BINARY, CONT, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def frame(opcode: int, payload: bytes = b"", fin: bool = True) -> bytes:
    return Frame(Opcode(opcode), payload, fin).serialize(mask=True)


def reader() -> FrameReader:
    return FrameReader(message_bytes_max=1000, fragments_max=4)


def read(chunks: Iterable[bytes], into: FrameReader | None = None) -> list[Received | int]:
    """Everything that comes out; the close code of the error last, if there was one."""
    into = into or reader()
    received: list[Received | int] = []
    try:
        for chunk in chunks:
            into.feed(chunk)
            while (event := into.next()) is not None:
                received.append(event)
    except FrameError as error:
        received.append(error.close_code)
    return received


def test_messages_and_control_frames_come_out_in_order() -> None:
    data = frame(TEXT, "hé".encode()) + frame(PING, b"p") + frame(BINARY, b"\xff") + frame(PONG)
    assert read([data + frame(CLOSE, b"\x0f\xa0why")]) == ["hé", Ping(b"p"), b"\xff", Pong(), Close(4000)]


def test_every_length_form() -> None:
    into = FrameReader(message_bytes_max=1 << 17, fragments_max=4)
    messages = [bytes(n) for n in (0, 125, 126, 65_535, 65_536)]
    assert read([b"".join(frame(BINARY, message) for message in messages)], into) == messages


def test_byte_by_byte() -> None:
    data = frame(TEXT, b"one", fin=False) + frame(PING) + frame(CONT, b"two") + frame(BINARY, bytes(300))
    assert read(data[i : i + 1] for i in range(len(data))) == [Ping(b""), "onetwo", bytes(300)]


def test_a_character_may_be_split_between_fragments() -> None:
    first, second = "é".encode()[:1], "é".encode()[1:]
    assert read([frame(TEXT, first, fin=False) + frame(CONT, second)]) == ["é"]


def test_the_caller_may_stop_between_two_messages() -> None:
    into = reader()
    into.feed(frame(TEXT, b"one") + frame(TEXT, b"two"))
    assert into.next() == "one"
    into.feed(frame(TEXT, b"three"))
    assert [into.next(), into.next(), into.next()] == ["two", "three", None]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(frame(TEXT, b"\xff"), 1007, id="text is not UTF-8"),
        pytest.param(Frame(Opcode.TEXT, b"x").serialize(mask=False) + bytes(4), 1002, id="not masked"),
        pytest.param(b"\xc1\x80" + bytes(4), 1002, id="reserved bit"),
        pytest.param(b"\x83\x80" + bytes(4), 1002, id="unknown data opcode"),
        pytest.param(b"\x8b\x80" + bytes(4), 1002, id="unknown control opcode"),
        pytest.param(b"\x09\x80" + bytes(4), 1002, id="fragmented ping"),
        pytest.param(b"\x89\xfe\x00\x7e" + bytes(4), 1002, id="long ping"),
        pytest.param(frame(CONT, b"x"), 1002, id="nothing to continue"),
        pytest.param(frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), 1002, id="not finished"),
        pytest.param(frame(CLOSE, b"\x03"), 1002, id="half a close code"),
        pytest.param(frame(CLOSE, b"\x03\xed"), 1002, id="close code 1005"),
        pytest.param(frame(CLOSE, b"\x03\xe8\xff"), 1007, id="close reason is not UTF-8"),
        pytest.param(b"\x82\xfe\x03\xe9" + bytes(4), CloseCode.TOO_LARGE, id="too large, header alone"),
        pytest.param(b"\x82\xff" + b"\xff" * 12, CloseCode.TOO_LARGE, id="2^64 bytes"),
    ],
)
def test_what_a_client_must_not_send(data: bytes, code: int) -> None:
    assert read([data]) == [code]


def test_a_message_is_measured_over_all_its_fragments() -> None:
    assert read([frame(BINARY, bytes(600), fin=False) + frame(CONT, bytes(400))]) == [bytes(1000)]
    assert read([frame(BINARY, bytes(600), fin=False) + frame(CONT, bytes(401))]) == [CloseCode.TOO_LARGE]


def test_fragments_are_counted_even_when_empty() -> None:
    three = frame(TEXT, b"", fin=False) + frame(CONT, b"", fin=False) * 2
    assert read([three + frame(CONT, b"x")]) == ["x"]
    assert read([three + frame(CONT, b"", fin=False)]) == [CloseCode.TOO_LARGE]


def test_a_close_without_code() -> None:
    assert read([frame(CLOSE)]) == [Close(1005)]


frames = st.lists(
    st.builds(
        lambda opcode, payload, fin: frame(opcode, payload, fin or opcode >= CLOSE),
        st.sampled_from([TEXT, BINARY, CONT, CONT, PING, PONG, CLOSE]),
        st.binary(max_size=20) | st.sampled_from([b"\x03\xe8", b"\x0b\xb8bye", bytes(125)]),
        st.booleans(),
    ),
    max_size=8,
)


def judged(data: bytes) -> list[Received | int]:
    """The same, by the `websockets` library: its frames put together, its code if it failed."""
    judge = ServerProtocol(state=OPEN, max_size=1000)
    judge.receive_data(data)
    received: list[Received | int] = []
    message, text = b"", False
    for event in judge.events_received():
        assert isinstance(event, Frame)
        payload = bytes(event.data)
        match event.opcode:
            case Opcode.PING:
                received.append(Ping(payload))
            case Opcode.PONG:
                received.append(Pong())
            case Opcode.CLOSE:
                assert judge.close_rcvd is not None
                received.append(Close(judge.close_rcvd.code))
                return received
            case opcode:
                message, text = (message, text) if opcode == CONT else (b"", opcode == TEXT)
                message += payload
                if event.fin:
                    try:
                        received.append(message.decode() if text else message)
                    except UnicodeDecodeError:
                        return [*received, 1007]
    if judge.parser_exc is not None:
        assert judge.close_sent is not None
        received.append(judge.close_sent.code)
    return received


@given(frames, st.lists(st.integers(0, 400), max_size=6))
def test_agrees_with_the_websockets_library(sent: list[bytes], cuts: list[int]) -> None:
    data = b"".join(sent)
    ends = sorted({*cuts, len(data)})
    chunks = [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    ours = read(chunks, FrameReader(message_bytes_max=1000, fragments_max=64))
    closed = next((i + 1 for i, event in enumerate(ours) if isinstance(event, Close)), len(ours))
    theirs = judged(data)
    # A close amid fragments is an error there; the connection is over either way.
    if theirs[-1:] == [1002] and isinstance(ours[closed - 1], Close):
        theirs[-1:] = ours[closed - 1 : closed]
    assert ours[:closed] == theirs
