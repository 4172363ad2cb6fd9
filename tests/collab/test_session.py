"""One client's protocol state: who says what in which order, and when it is enough."""

from typing import Any

import pytest

from collab.closing import CloseCode
from collab.effects import Authenticate, Close, Enter, Exit, Pass, PassPresence, PauseReading, Reply
from collab.errors import Refusal
from collab.messages import (
    PRESENCE_BYTES_MAX,
    Hello,
    Leave,
    Open,
    Probe,
    Refresh,
    RefreshSoon,
    Refused,
    SetPresence,
    Submit,
    Welcome,
)
from collab.session import (
    BACKLOG_MAX,
    BYTES_PER_TOKEN,
    HELLO_TIMEOUT_MS,
    REFRESH_AHEAD_MS,
    ROOMS_MAX,
    Rates,
    Session,
)
from tests.collab.rooms import NOW_MS, ROOM, client_id

A = client_id("A")
WELCOME = Welcome("", "", "", {"frame_bytes": 1}, 20_000, 0, 100, 5_000, 0, "test")
EXPIRES_MS = NOW_MS + 900_000


def new(rates: Rates | None = None) -> Session:
    return Session("conn", WELCOME, rates or Rates(), NOW_MS)


def live(rates: Rates | None = None) -> Session:
    session = new(rates)
    session.receive(Hello("token", A), NOW_MS)
    session.authenticated("ann", "Ann", EXPIRES_MS, NOW_MS)
    return session


def closing(effects: list[Any]) -> Close:
    [effect] = effects
    assert isinstance(effect, Close)
    return effect


def submit(seq: int = 1, components: int = 0) -> Submit:
    return Submit(ROOM, seq, 0, {"l": [["k", 1]] * components})


# -- hello ------------------------------------------------------------------------------------------------


def test_hello_is_checked_and_then_welcomed() -> None:
    session = new()
    assert session.receive(Hello("token", A), NOW_MS) == [Authenticate("token", A)]
    assert not session.is_live
    [reply] = session.authenticated("ann", "Ann", EXPIRES_MS, NOW_MS)
    assert isinstance(reply, Reply)
    welcome = reply.message
    assert isinstance(welcome, Welcome)
    assert (welcome.user, welcome.name, welcome.connection) == ("ann", "Ann", "conn")
    assert (welcome.limits, welcome.time_us, welcome.token_expires_ms) == (
        WELCOME.limits,
        NOW_MS * 1000,
        EXPIRES_MS,
    )
    assert session.is_live
    assert (session.user, session.client) == ("ann", A)


@pytest.mark.parametrize("message", [Open(ROOM), submit(), Leave(ROOM), Refresh("t")])
def test_nothing_comes_before_hello(message: Any) -> None:
    close = closing(new().receive(message, NOW_MS))
    assert (close.close_code, close.code) == (CloseCode.UNAUTHENTICATED, "hello_missing")


@pytest.mark.parametrize("client", ["", "A", "A" * 23, "ä" * 22, "-" * 22])
def test_a_client_id_has_its_shape(client: str) -> None:
    close = closing(new().receive(Hello("token", client), NOW_MS))
    assert (close.close_code, close.code) == (CloseCode.BAD_MESSAGE, "client_invalid")


def test_hello_is_said_once() -> None:
    close = closing(live().receive(Hello("token", A), NOW_MS))
    assert (close.close_code, close.code) == (CloseCode.BAD_MESSAGE, "hello_twice")


def test_what_is_said_while_the_token_is_looked_up_is_kept_in_order() -> None:
    session = new()
    session.receive(Hello("token", A), NOW_MS)
    assert session.receive(Open(ROOM), NOW_MS) == []
    assert session.receive(submit(), NOW_MS) == []
    effects = session.authenticated("ann", "Ann", EXPIRES_MS, NOW_MS)
    assert effects[1:] == [Enter(Open(ROOM)), Pass(submit())]


def test_what_is_kept_is_bounded() -> None:
    session = new()
    session.receive(Hello("token", A), NOW_MS)
    for _ in range(BACKLOG_MAX):
        assert session.receive(Open(ROOM), NOW_MS) == []
    close = closing(session.receive(Open(ROOM), NOW_MS))
    assert (close.close_code, close.code) == (CloseCode.FLOOD, "flood")
    assert session.authenticated("ann", "Ann", EXPIRES_MS, NOW_MS) == []


@pytest.mark.parametrize(
    ("code", "close_code"),
    [
        ("token_invalid", CloseCode.UNAUTHENTICATED),
        ("token_expired", CloseCode.TOKEN_EXPIRED),
        ("client_taken", CloseCode.CLIENT_TAKEN),
        ("unavailable", CloseCode.OVERLOADED),
    ],
)
def test_a_rejection_says_whether_to_come_back(code: str, close_code: CloseCode) -> None:
    session = new()
    session.receive(Hello("token", A), NOW_MS)
    close = closing(session.rejected(Refusal(code, retry_after_ms=7)))
    assert (close.close_code, close.code, close.retry_after_ms) == (close_code, code, 7)
    assert session.rejected(Refusal(code)) == []


# -- rooms ------------------------------------------------------------------------------------------------


def test_a_live_session_passes_things_on() -> None:
    session = live()
    assert session.receive(Open(ROOM), NOW_MS) == [Enter(Open(ROOM))]
    assert session.rooms == {ROOM}
    assert session.receive(submit(), NOW_MS) == [Pass(submit())]
    presence = SetPresence(ROOM, 1, {"at": 1})
    assert session.receive(presence, NOW_MS) == [PassPresence(presence)]
    assert session.receive(Leave(ROOM), NOW_MS) == [Exit(ROOM)]
    assert session.rooms == set()
    assert session.receive(Probe(1), NOW_MS) == []


def test_rooms_on_one_connection_are_bounded() -> None:
    session = live()
    for n in range(ROOMS_MAX):
        session.receive(Open(f"room{n}"), NOW_MS)
    [reply] = session.receive(Open("another"), NOW_MS)
    assert isinstance(reply, Reply)
    refused = reply.message
    assert isinstance(refused, Refused)
    assert (refused.room, refused.seq, refused.code, refused.retryable) == (
        "another",
        0,
        "rate_limited",
        True,
    )
    assert session.receive(Open("room0"), NOW_MS) == [Enter(Open("room0"))], "one of them may be opened again"
    session.evicted("room1")
    assert session.receive(Open("another"), NOW_MS) == [Enter(Open("another"))]


def test_a_presence_state_is_small() -> None:
    close = closing(live().receive(SetPresence(ROOM, 1, {"x": "y" * PRESENCE_BYTES_MAX}), NOW_MS))
    assert (close.close_code, close.code) == (CloseCode.TOO_LARGE, "too_large")


def test_who_submits_too_fast_waits_and_loses_nothing() -> None:
    session = live(Rates(submissions_per_s=10, submissions_burst=2))
    assert session.receive(submit(1), NOW_MS) == [Pass(submit(1))]
    assert session.receive(submit(2), NOW_MS) == [Pass(submit(2))]
    assert session.receive(submit(3), NOW_MS) == [Pass(submit(3)), PauseReading(101)]
    assert session.receive(submit(4), NOW_MS + 200) == [Pass(submit(4))]
    assert session.receive(submit(5), NOW_MS + 60_000) == [Pass(submit(5))]
    assert session.receive(submit(6), NOW_MS + 60_000) == [Pass(submit(6))]
    assert len(session.receive(submit(7), NOW_MS + 60_000)) == 2, "no more than a burst is saved up"


def test_a_large_op_costs_in_proportion() -> None:
    session = live(Rates(submissions_per_s=10, submissions_burst=3))
    assert session.receive(submit(1, components=512), NOW_MS) == [Pass(submit(1, components=512))]
    assert session.receive(submit(2), NOW_MS)[1:] == [PauseReading(101)]


def test_a_large_frame_costs_in_proportion_whatever_makes_it_large() -> None:
    session = live(Rates(submissions_per_s=10, submissions_burst=80))
    large = Submit(ROOM, 1, 0, {"do": "fallback", "tracks": []})
    assert session.receive(large, NOW_MS, 76 * BYTES_PER_TOKEN) == [Pass(large)]
    small = Submit(ROOM, 2, 0, {"do": "like"})
    for _ in range(3):
        assert session.receive(small, NOW_MS, BYTES_PER_TOKEN - 1) == [Pass(small)]
    assert session.receive(small, NOW_MS, BYTES_PER_TOKEN) == [Pass(small), PauseReading(201)]


def test_what_came_before_welcome_is_paid_for_after_it() -> None:
    session = new(Rates(submissions_per_s=10, submissions_burst=2))
    session.receive(Hello("token", A), NOW_MS)
    session.receive(submit(), NOW_MS, 2 * BYTES_PER_TOKEN)
    effects = session.authenticated("ann", "Ann", EXPIRES_MS, NOW_MS)
    assert effects[1:] == [Pass(submit()), PauseReading(101)]


# -- time -------------------------------------------------------------------------------------------------


def test_hello_comes_soon_or_never() -> None:
    session = new()
    assert session.get_timer() == NOW_MS + HELLO_TIMEOUT_MS
    assert session.handle_timer(NOW_MS + HELLO_TIMEOUT_MS - 1) == []
    close = closing(session.handle_timer(NOW_MS + HELLO_TIMEOUT_MS))
    assert (close.close_code, close.code) == (CloseCode.HELLO_TIMEOUT, "hello_timeout")
    assert session.get_timer() is None
    assert session.receive(Hello("token", A), NOW_MS) == []


def test_a_token_is_renewed_in_time() -> None:
    session = live()
    assert session.get_timer() == EXPIRES_MS - REFRESH_AHEAD_MS
    assert session.handle_timer(EXPIRES_MS - REFRESH_AHEAD_MS) == [Reply(RefreshSoon(REFRESH_AHEAD_MS))]
    assert session.get_timer() == EXPIRES_MS
    assert session.receive(Refresh("new"), NOW_MS) == [Authenticate("new", A)]
    assert session.receive(Refresh("new"), NOW_MS) == [], "one at a time"
    assert session.authenticated("ann", "Ann", EXPIRES_MS + 1000, NOW_MS) == []
    assert session.get_timer() == EXPIRES_MS + 1000 - REFRESH_AHEAD_MS


def test_a_token_that_ends_ends_the_session() -> None:
    session = live()
    session.handle_timer(EXPIRES_MS - REFRESH_AHEAD_MS)
    close = closing(session.handle_timer(EXPIRES_MS))
    assert (close.close_code, close.code) == (CloseCode.TOKEN_EXPIRED, "token_expired")


def test_a_session_stays_with_its_user() -> None:
    session = live()
    session.receive(Refresh("eve's"), NOW_MS)
    close = closing(session.authenticated("eve", "Eve", EXPIRES_MS, NOW_MS))
    assert (close.close_code, close.code) == (CloseCode.UNAUTHENTICATED, "token_invalid")


def test_a_renewal_that_nobody_can_judge_now_leaves_the_old_token_good() -> None:
    session = live()
    session.receive(Refresh("new"), NOW_MS)
    assert session.rejected(Refusal("unavailable")) == []
    assert session.is_live
    assert session.receive(Refresh("new"), NOW_MS) == [Authenticate("new", A)]
    assert closing(session.rejected(Refusal("token_invalid"))).close_code == CloseCode.UNAUTHENTICATED
