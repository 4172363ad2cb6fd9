import asyncio
from collections.abc import Mapping, Sequence

import pytest

from collab.inquiry import KEYS_MAX, Inquiry

Answers = list[str | None]


class Library:
    """Answers when it is let; knows every word but `?`."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.may_answer = asyncio.Semaphore(0)
        self.error: Exception | None = None

    async def fetch(self, words: Sequence[str]) -> Mapping[str, str]:
        self.asked.append(list(words))
        await self.may_answer.acquire()
        if self.error is not None:
            raise self.error
        return {word: word.upper() for word in words if word != "?"}


@pytest.fixture
def library() -> Library:
    return Library()


def ask(inquiry: Inquiry[str, str], *words: str) -> asyncio.Task[Answers]:
    return asyncio.create_task(inquiry.ask(*words))


async def begun(tasks: Sequence[asyncio.Task[Answers]]) -> Sequence[asyncio.Task[Answers]]:
    """Once everybody has asked, and the first question is under way."""
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_what_is_asked_meanwhile_is_asked_together(library: Library) -> None:
    inquiry = Inquiry(library.fetch, gather_s=0)
    first = await begun([ask(inquiry, "a")])
    # Also what is asked already: its answer may be older than this question.
    others = await begun([ask(inquiry, word) for word in "ab?b"])
    assert library.asked == [["a"]]
    library.may_answer.release()
    library.may_answer.release()
    assert await asyncio.gather(*first, *others) == [["A"], ["A"], ["B"], [None], ["B"]]
    assert library.asked == [["a"], ["a", "b", "?"]]


async def test_a_crowd_is_answered_a_few_at_a_time(library: Library) -> None:
    inquiry = Inquiry(library.fetch, gather_s=0)
    asking = await begun([ask(inquiry, str(n)) for n in range(2 * KEYS_MAX + 1)])
    for _ in range(3):
        library.may_answer.release()
    assert await asyncio.gather(*asking) == [[str(n)] for n in range(2 * KEYS_MAX + 1)]
    assert [len(words) for words in library.asked] == [KEYS_MAX, KEYS_MAX, 1]


async def test_an_error_is_everybodys_who_asked_together(library: Library) -> None:
    inquiry = Inquiry(library.fetch, gather_s=0)
    asking = await begun([ask(inquiry, word) for word in "ab"])
    library.error = OSError("gone")
    library.may_answer.release()
    for one in asking:
        with pytest.raises(OSError, match="gone"):
            await one
    library.error = None
    library.may_answer.release()
    assert await inquiry.ask("c", "?", "d") == ["C", None, "D"]


async def test_who_gives_up_is_not_asked_for(library: Library) -> None:
    inquiry = Inquiry(library.fetch, gather_s=0)
    gone, there, late = await begun([ask(inquiry, word) for word in "abc"])
    gone.cancel()
    await begun([])
    library.may_answer.release()
    assert await there == ["B"]
    assert await late == ["C"]
    first = await begun([ask(inquiry, "d")])
    waiting = await begun([ask(inquiry, "e")])
    waiting[0].cancel()
    library.may_answer.release()
    assert await first[0] == ["D"]
    library.may_answer.release()
    assert await inquiry.ask("f") == ["F"]
    assert library.asked == [["a", "b", "c"], ["d"], ["f"]]


async def test_nothing_is_nothing_to_ask(library: Library) -> None:
    assert await Inquiry(library.fetch).ask() == []
    assert library.asked == []


async def test_those_who_come_shortly_after_gather(library: Library) -> None:
    inquiry = Inquiry(library.fetch)
    for _ in range(3):
        library.may_answer.release()
    assert await inquiry.ask("a") == ["A"]
    asking = await begun([ask(inquiry, word) for word in "bc"])
    asking = [*asking, *await begun([ask(inquiry, "d")])]
    assert await asyncio.gather(*asking) == [["B"], ["C"], ["D"]]
    assert library.asked == [["a"], ["b", "c", "d"]]
