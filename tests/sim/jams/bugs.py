"""Bugs of Jams that are planted to see that they are caught.

As `tests.sim.bugs`: they live here and nowhere else, and replace a piece of a core while their block runs.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Final

from msgspec.structs import replace as changed

from collab.jam_kind import JamDraft, JamState
from collab.kind import Author
from collab.prompter import Prompter
from collab.room import Room
from collab.seating import Seating
from jam import commands as c
from jam import decide, due, events, hosting, people, playback, presence, skipping, step
from jam import reduce as reducing
from jam.advancing import advanced
from jam.digest import order_digest
from jam.reduce import reduce
from tests.sim.planting import Bug, replaced


@contextmanager
def _ruled(rules: dict[Any, Any], **changes: Callable[[Any], Any]) -> Iterator[None]:
    """For each name, the rule or step of that class is `make(original)` while the block runs."""
    with ExitStack() as stack:
        for kind, original in list(rules.items()):
            if kind.__name__ in changes:
                rules[kind] = changes[kind.__name__](original)
                stack.callback(rules.__setitem__, kind, original)
        yield


# -- who may --------------------------------------------------------------------------------------------


def reign_unchecked() -> AbstractContextManager[None]:
    """Whoever is host or co-host steers, whatever reign they believe in."""

    def make(check: Any) -> Any:
        def trusting(jam: Any, command: Any, by: Any) -> None:
            check(jam, changed(command, reign=jam.reign) if isinstance(command, c.Steering) else command, by)

        return trusting

    return replaced((decide, "check", make))


def kick_keeps_the_keys() -> AbstractContextManager[None]:
    """Whoever is thrown out returns by the key that they came in by."""

    def make(kicked: Any) -> Any:
        def forgiving(jam: Any, event: Any) -> Any:
            return changed(kicked(jam, event), doors=jam.doors)

        return forgiving

    return _ruled(reducing.STEPS, Kicked=make)


def old_keys_open() -> AbstractContextManager[None]:
    """A key is looked up, and not compared with the door as it is by now."""

    def make(join: Any) -> Any:
        return lambda jam, command, by: join(jam, changed(command, generation=jam.doors.generation), by)

    return _ruled(decide.RULES, Join=make)


def roles_of_the_load() -> AbstractContextManager[None]:
    """The members are those that were there when the room was loaded."""
    return replaced(
        (JamDraft, "_moved", lambda _: lambda self, lineup, event: setattr(self, "lineup", lineup))
    )


def kicked_until_the_reload() -> AbstractContextManager[None]:
    """Other nodes go on telling somebody who was thrown out."""

    def deaf(advance: Any) -> Any:
        def follow(self: Room[Any], *what: Any) -> Any:
            with replaced((Seating, "set_members", lambda _: lambda seating, members: [])):
                return advance(self, *what)

        return follow

    return replaced((Room, "_advance", deaf))


def host_returns_whenever() -> AbstractContextManager[None]:
    """Who was host takes the role back, however long they were away."""

    def make(back: Any) -> Any:
        return lambda jam, command, by: back(changed(jam, returning_until=by.at_ms), command, by)

    return _ruled(decide.RULES, Back=make)


def acting_for_who_is_elsewhere() -> AbstractContextManager[None]:
    """A node that does not see the host has somebody act for them, and nobody asks whether they are away."""

    def due_on_sight(people_due: Any) -> Any:
        def wanted(jam: Any, scene: Any) -> Iterator[Any]:
            yield from people_due(jam, scene)
            if jam.host not in scene.here:
                yield jam.at + jam.settings.times.host_away_ms, c.Act()

        return wanted

    def act(_: Any) -> Any:
        def blind(jam: Any, command: Any, by: Any) -> Any:
            user = hosting.successor(jam)
            return None if user is None else events.Acting(at=by.at_ms, by="", user=user)

        return blind

    @contextmanager
    def both() -> Iterator[None]:
        with replaced((due, "people_due", due_on_sight)), _ruled(decide.RULES, Act=act):
            yield

    return both()


def one_reign_for_all() -> AbstractContextManager[None]:
    """A change of host leaves the reign as it is."""

    def make(_: Any) -> Any:
        return lambda jam, user: changed(jam, host=user)

    return replaced((hosting, "reigning", make), (presence, "reigning", make))


# -- what plays -----------------------------------------------------------------------------------------


def skip_whatever_plays() -> AbstractContextManager[None]:
    """A skip ends what plays, not what was meant."""

    def make(check_play: Any) -> Any:
        return lambda jam, play: check_play(jam, jam.timeline.play)

    return replaced((playback, "check_play", make), (skipping, "check_play", make))


def advance_unconditionally() -> AbstractContextManager[None]:
    """What a node proposed is done, though another node's came first."""
    return _ruled(decide.RULES, Advance=lambda _: lambda jam, command, by: advanced(jam, by, "finished"))


def proposals_of_yesterday() -> AbstractContextManager[None]:
    """What the room wants is decided once; after a lost race the same event is committed."""

    def lost(original: Any) -> Any:
        def keep(self: Room[Any], *, raced: bool) -> Any:
            flight = self._flight
            kept = [self.kind.read(row.op) for row in flight.rows if not row.author] if flight else []
            self.state.kept = kept  # type: ignore[attr-defined]
            return original(self, raced=raced)

        return keep

    def draft(original: Any) -> Any:
        def remember(self: JamState) -> Any:
            made = original(self)
            made.kept = getattr(self, "kept", [])
            return made

        return remember

    def accept(original: Any) -> Any:
        def repeat(self: Any, command: c.Command, author: Author) -> Any:
            if not (author.is_room and self.kept):
                return original(self, command, author)
            lineup = self.lineup.followed_by(reduce(self.lineup.jam, self.kept[0]))
            event = changed(self.kept.pop(0), order=order_digest(lineup.order()))
            self._moved(lineup, event)
            return event

        return repeat

    return replaced((Room, "lost", lost), (JamState, "draft", draft), (JamDraft, "accept", accept))


def veto_ignored() -> AbstractContextManager[None]:
    """A veto is noted, and the countdown runs on."""

    def make(vetoed: Any) -> Any:
        return lambda jam, event: changed(jam, skip=changed(jam.skip, vetoed=True))

    return _ruled(reducing.STEPS, Vetoed=make)


def end_of_a_song_forgotten() -> AbstractContextManager[None]:
    """Nobody proposes that a song is over."""

    def make(music_due: Any) -> Any:
        return lambda lineup, scene: (
            (at_ms, command)
            for at_ms, command in music_due(lineup, scene)
            if not isinstance(command, c.Advance)
        )

    return replaced((due, "music_due", make))


# -- votes and absence ----------------------------------------------------------------------------------


def votes_toggled() -> AbstractContextManager[None]:
    """Saying a vote once more takes it back."""

    def make(vote: Any) -> Any:
        def toggle(jam: Any, command: c.Vote, by: Any) -> Any:
            entry = jam.entries.get(command.entry)
            is_same = entry is not None and entry.votes.get(by.user, 0) == command.value != 0
            return vote(jam, changed(command, value=0) if is_same else command, by)

        return toggle

    return _ruled(decide.RULES, Vote=make)


def sleeping_votes_counted() -> AbstractContextManager[None]:
    """Votes of people who are long away count as if they were here."""
    return replaced((presence, "rescored", lambda _: lambda jam, users: jam))


def votes_of_the_kicked_stay() -> AbstractContextManager[None]:
    """Who is thrown out goes on voting."""
    return replaced((people, "without_votes_of", lambda _: lambda jam, user: jam))


def away_not_answered() -> AbstractContextManager[None]:
    """A node that has somebody's connection says nothing when another one declares them away."""

    def make(people_due: Any) -> Any:
        return lambda jam, scene: (
            (at_ms, command) for at_ms, command in people_due(jam, scene) if not isinstance(command, c.Back)
        )

    return replaced((due, "people_due", make))


# -- the mechanism --------------------------------------------------------------------------------------


def draft_kept_after_a_loss() -> AbstractContextManager[None]:
    """What a lost batch decided stays in the draft of the next."""

    def draft(original: Any) -> Any:
        def share(self: JamState) -> Any:
            shared = getattr(self, "shared", None)
            if shared is None:
                shared = self.shared = original(self)  # type: ignore[attr-defined]
            return shared

        return share

    def absorb(original: Any) -> Any:
        def forget(self: JamState, made: Any) -> None:
            original(self, made)
            self.shared = None  # type: ignore[attr-defined]

        return forget

    return replaced((JamState, "draft", draft), (JamState, "absorb", absorb))


def time_of_the_node() -> AbstractContextManager[None]:
    """Each node stamps events with its own clock, whatever the log says."""

    def make(decide_rule: Any) -> Any:
        def by_own_clock(jam: Any, command: Any, by: Any) -> Any:
            event = decide_rule(jam, command, by)
            return None if event is None else changed(event, at=by.at_ms)

        return by_own_clock

    return replaced((step, "decide", make))


def asked_without_a_pause() -> AbstractContextManager[None]:
    """What is wanted in vain is wanted again at once."""

    def make(ask: Any) -> Any:
        def restless(self: Prompter, state: Any, scene: Any, now_ms: int) -> Any:
            wanted = ask(self, state, scene, now_ms)
            self._not_before_ms = 0
            if self._due_ms is not None:
                self._due_ms = min(self._due_ms, now_ms + 1)
            return wanted

        return restless

    return replaced((Prompter, "ask", make))


JAM_BUGS: Final[dict[str, Bug]] = {
    bug.__name__: bug
    for bug in (
        reign_unchecked,
        kick_keeps_the_keys,
        old_keys_open,
        roles_of_the_load,
        kicked_until_the_reload,
        host_returns_whenever,
        acting_for_who_is_elsewhere,
        one_reign_for_all,
        skip_whatever_plays,
        advance_unconditionally,
        proposals_of_yesterday,
        veto_ignored,
        end_of_a_song_forgotten,
        votes_toggled,
        sleeping_votes_counted,
        votes_of_the_kicked_stay,
        away_not_answered,
        draft_kept_after_a_loss,
        time_of_the_node,
        asked_without_a_pause,
    )
}
