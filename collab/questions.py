"""What a room has to ask the store before it can go on.

News, older ops, the whole document: each is noted when the need arises, asked one at a time, and answered
before the next. Knows which questions are open, and how many were answered, so that whoever waits for an
answer knows whether it is new enough. Does not know what the answers mean.
"""

from collab.effects import FetchHistory, FetchNews, Reload
from storage.rows import Head


class Questions:
    """The open questions of one room. `news_asked` and `news_answered` count."""

    def __init__(self) -> None:
        self.news_due = False
        # News that a hint may bring as well.
        self.race_lost = False
        self.reload_due = False
        self.news_asked = 0
        self.news_answered = 0
        self._is_doubtful = False
        self._history_due: int | None = None
        self._history_asked: int | None = None

    @property
    def is_asking(self) -> bool:
        """Whether the store must be asked for news, or for everything."""
        return self.news_due or self.reload_due

    def next(self, head: Head, settled_changes: int, start: int) -> Reload | FetchNews | FetchHistory | None:
        """The next one. `settled_changes`: the outcomes in memory are complete up to there; `start`: so are
        the ops from there on."""
        if self.reload_due:
            return Reload()
        if self.news_due or self.race_lost:
            # Cleared now and not by the answer: a hint that comes meanwhile is about something newer.
            self.news_due = self.race_lost = False
            self.news_asked += 1
            return FetchNews(head.version, settled_changes, head.epoch)
        if self._history_due is not None:
            self._history_asked, self._history_due = self._history_due, None
            return FetchHistory(self._history_asked, start)
        return None

    def lose(self, *, raced: bool) -> None:
        """A commit did not take place, or nobody knows. `raced`: somebody was faster, and will say so."""
        if raced:
            self.race_lost = True
        else:
            self.news_due = self._is_doubtful = True

    def settle_doubt(self) -> bool:
        """Whether the news that came may tell of a commit of our own that nobody heard of."""
        was_doubtful, self._is_doubtful = self._is_doubtful, False
        return was_doubtful

    def need_history(self, after: int) -> None:
        """Ops after a version are needed that memory no longer holds."""
        self._history_due = after if self._history_due is None else min(after, self._history_due)

    def receive_news(self) -> None:
        self.news_answered = self.news_asked

    def receive_history(self) -> int:
        """The version after which history was asked for."""
        after = self._history_asked
        assert after is not None, "history is read only when it was asked for"
        self._history_asked = None
        return after

    def receive_load(self) -> None:
        """The document is here anew; what was needed of its past is not needed any more, its news are."""
        self.reload_due = False
        self._history_due = None
        self.news_due = True
