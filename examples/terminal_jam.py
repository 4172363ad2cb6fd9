"""A Jam in a terminal. Needs a server: `make run`.

    python examples/terminal_jam.py --name Ada              starts a Jam and shows its code
    python examples/terminal_jam.py --name Ben K7QX-2MBD    joins it, also by its link

For sound, and a code to scan, install the extra `tutti-collab[player]`. It plays the music of the server; a
song that the server does not have is a tone that is made here. On two machines the beats fall together.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress

from terminal_screen import END, Screen, keyboard, terminal_qr

from collab.errors import TuttiError
from tutti_client import (
    AwaitingApproval,
    Jam,
    Music,
    Person,
    Reacted,
    RequestRefused,
    Tutti,
    VirtualPlayer,
    Waiting,
    connect,
    guest,
)
from tutti_client.errors import NoSound
from tutti_client.sound_player import SoundPlayer
from tutti_client.tones import tone


def parsed(text: str) -> int:
    """ms of `M:SS`, or of seconds. Raises ValueError."""
    minutes, _, seconds = text.rpartition(":")
    return (int(minutes or 0) * 60 + int(seconds)) * 1000


async def wanted(tutti: Tutti, text: str) -> dict[str, object]:
    """The song of the server that goes best with the text; none there, a tone of that name, which may be
    followed by its length."""
    # A server without music has no search.
    with suppress(RequestRefused):
        for found in (await tutti.search(text, limit=1)).items:
            return found.track
    title, _, length = text.rpartition(" ")
    timed = ":" in length and title != ""
    name, ms = (title, parsed(length)) if timed else (text, 180_000)
    return {"track": f"demo:{name.casefold()}", "title": name, "duration_ms": ms}


async def obey(tutti: Tutti, jam: Jam, line: str) -> None:
    """One typed command. Raises ValueError for what is none, and what the SDK raises."""
    word, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    playing = jam.now_playing
    match word:
        case "a":
            await jam.add(await wanted(tutti, rest))
        case "v":
            number, _, sign = rest.partition(" ")
            await jam.vote(jam.queue[int(number) - 1].id, {"+": 1, "": 1, "0": 0, "-": -1}[sign.strip()])
        case "pin":
            await jam.pin(jam.queue[int(rest) - 1].id)
        case "x":
            await jam.remove(jam.queue[int(rest) - 1].id)
        case "s":
            await jam.skip()
        case "p":
            await (jam.play() if playing is None or playing.is_paused else jam.pause())
        case "n":
            await jam.next()
        case "b":
            await jam.previous()
        case "t":
            await jam.seek(parsed(rest))
        case "c":
            await jam.say(rest)
        case "r":
            jam.react(rest)
        case "kick":
            await jam.kick(user_called(jam.members, rest))
        case "hand":
            await jam.hand_over(user_called(jam.members, rest))
        case "let":
            await jam.approve(user_called(jam.waiting, rest))
        case "end":
            await jam.end()
        case _:
            raise ValueError


def user_called(people: Sequence[Person | Waiting], name: str) -> str:
    """Raises KeyError if nobody is."""
    return {person.name.casefold(): person.user for person in people}[name.casefold()]


class Prompt:
    """The line that is typed. What a command comes to is shown when it is known; meanwhile one types on."""

    def __init__(self, tutti: Tutti, screen: Screen) -> None:
        self.is_left = asyncio.Event()
        self._tutti = tutti
        self._screen = screen
        self._tasks: set[asyncio.Task[None]] = set()

    def press(self, key: str) -> None:
        screen = self._screen
        if key in "\r\n":
            line, screen.typed, screen.notice = screen.typed.strip(), "", ""
            if line == "q":
                self.is_left.set()
            elif line:
                task = asyncio.create_task(self._obey(line))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        elif key in "\x7f\b":
            screen.typed = screen.typed[:-1]
        elif key == END:
            self.is_left.set()
        elif key.isprintable():
            screen.typed += key
        screen.jam.typing(screen.typed.startswith("c "))
        screen.draw()

    async def _obey(self, line: str) -> None:
        try:
            await obey(self._tutti, self._screen.jam, line)
        except (ValueError, LookupError):
            self._screen.notice = f"That is no command: {line}"
        except TuttiError as error:
            self._screen.notice = str(error)
        self._screen.draw()


async def keep_drawing(screen: Screen, player: SoundPlayer | VirtualPlayer) -> None:
    """At every change, and twice a second for the position. Ends with the Jam."""

    def noticed(event: object) -> None:
        if isinstance(event, Reacted):
            name = next((one.name for one in screen.jam.members if one.user == event.user), "")
            screen.notice = f"{name} {event.text}"

    screen.jam.listen(noticed)
    while True:
        playing = screen.jam.now_playing
        silent = (
            player.why_broken(playing.song.track) if playing and isinstance(player, SoundPlayer) else None
        )
        screen.silence = "" if silent is None else str(silent)
        screen.draw()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await screen.jam.changed()


def output(
    stack: AsyncExitStack, tutti: Tutti, screen: Screen, is_muted: bool
) -> SoundPlayer | VirtualPlayer:
    """This machine's sound or, if there is none or it should be quiet, a player that only keeps time."""
    if not is_muted:
        try:
            return stack.enter_context(SoundPlayer(Music(tutti.audio, otherwise=tone)))
        except NoSound as error:
            screen.notice = f"{error} You take part without sound."
    return VirtualPlayer()


async def main() -> None:
    parser = argparse.ArgumentParser(description="A Jam in a terminal.")
    parser.add_argument("key", nargs="?", help="A Jam's code or link; without it a new one is started.")
    parser.add_argument("--name", default="Guest")
    parser.add_argument("--url", default="http://127.0.0.1:8300")
    parser.add_argument("--mute", action="store_true")
    chosen = parser.parse_args()
    async with AsyncExitStack() as stack:
        me = await guest(chosen.url, chosen.name)
        tutti = await stack.enter_async_context(connect(chosen.url, token=me))
        if chosen.key:
            jam = await join(tutti, chosen.key)
            screen = Screen(jam, chosen.key, "")
        else:
            jam = await tutti.start_jam(f"{chosen.name}'s Jam")
            code = await jam.code()
            screen = Screen(jam, code.code, terminal_qr(code.url))
        prompt = Prompt(tutti, screen)
        player = output(stack, tutti, screen, chosen.mute)
        await stack.enter_async_context(jam.playing_on(player))
        stack.enter_context(keyboard(prompt.press))
        drawing = asyncio.create_task(keep_drawing(screen, player))
        leaving = asyncio.create_task(prompt.is_left.wait())
        await asyncio.wait((drawing, leaving), return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if drawing.done():
            drawing.result()
        drawing.cancel()


async def join(tutti: Tutti, key: str) -> Jam:
    try:
        return await tutti.join_jam(key)
    except AwaitingApproval as waiting:
        print(f"{waiting} Please wait …")
        return await tutti.admitted(waiting.jam)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except TuttiError as error:
        sys.exit(str(error))
