import pytest
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader

from collab.frames import binary_frame, close_frame, ping_frame, pong_frame, text_frame, unpack


def parse(data: bytes) -> Frame:
    """One server frame as the `websockets` library reads it; nothing may be left over."""
    reader = StreamReader()
    reader.feed_data(data)
    parser = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as stop:
        next(parser)
    assert not reader.buffer
    frame: Frame = stop.value.value
    return frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_data_frames_at_every_header_length(length: int) -> None:
    payload = b"x" * length
    frame = parse(binary_frame(payload))
    assert (frame.opcode, frame.data, frame.fin) == (Opcode.BINARY, payload, True)
    frame = parse(text_frame(payload))
    assert (frame.opcode, frame.data, frame.fin) == (Opcode.TEXT, payload, True)
    assert unpack(binary_frame(payload)) == payload
    assert unpack(text_frame(payload)) == payload.decode()


def test_text_is_unpacked_as_a_string() -> None:
    assert unpack(text_frame("🎵 é".encode())) == "🎵 é"


def test_control_frames() -> None:
    assert parse(ping_frame()).opcode == Opcode.PING
    pong = parse(pong_frame(b"abc"))
    assert (pong.opcode, pong.data) == (Opcode.PONG, b"abc")
    assert Close.parse(parse(close_frame(4200, "slow")).data) == Close(4200, "slow")
    assert Close.parse(parse(close_frame(1000)).data) == Close(1000, "")


def test_a_long_reason_is_cut_at_a_character() -> None:
    close = Close.parse(parse(close_frame(4000, "é" * 100)).data)
    assert close.reason == "é" * 61


@pytest.mark.parametrize("code", [0, 999, 1005, 1006, 1015, 5000])
def test_codes_that_never_travel_are_our_own_mistake(code: int) -> None:
    with pytest.raises(AssertionError):
        close_frame(code)
