"""An editor in one playlist.

Makes their share of every step in the list as they see it just then, while the others make theirs. Knows
edits, the SDK's playlist and what happens in it. Does not know when a replay is over.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import assert_never

from collab.replay.editor import Editor
from collab.replay.hand import Action, Insert, Move, Remove, actions_of
from collab.replay.recordings import Track
from collab.replay.scene import Scene
from collab.replay.steps import Edit, Item, Removal
from collab.replay.tally import Tally
from tutti_client import Acknowledged, EditsRefused, Event, Playlist, Renamed
from tutti_client.events import Diverged, Refusal, Resynced
from tutti_client.signal import Signal


class Part:
    """See the module. `watch` is called whenever a share was made."""

    def __init__(
        self,
        editor: Editor,
        scene: Scene,
        playlist: Playlist,
        tracks: Sequence[Track],
        tally: Tally,
        watch: Callable[[Tally], None],
    ) -> None:
        self.editor = editor
        self.playlist = playlist
        self._scene = scene
        self._tracks = tracks
        self._tally = tally
        self._watch = watch
        # Entries that should go and have not arrived here yet.
        self._unseen: set[Item] = set()
        self._signal = Signal()
        playlist.listen(self._receive)

    async def play(self) -> None:
        """Makes this editor's share of every step."""
        scene, editor = self._scene, self.editor
        for step, edits in scene.shares_of(editor.number):
            await scene.wait_for(step)
            self.remove_unseen()
            for edit in edits:
                await editor.pace.turn()
                self._make(edit, scene.story.steps[step].target)
            self._tally.steps += scene.made(step)
            self._watch(self._tally)
            editor.share_made(self._tally)
            await self._saved_or_offline()

    async def saved(self) -> None:
        """Returns when all that was edited is durable; what was refused is in the tally."""
        with suppress(EditsRefused):
            await self.playlist.saved()

    async def _saved_or_offline(self) -> None:
        """People go on when their edit is saved, or when they see that it will not be for now. (Going offline
        in one playlist ends the wait in all of them: else everybody could come to wait for somebody who comes
        back only after some more shares.)"""
        saving = asyncio.create_task(self.saved())
        leaving = asyncio.create_task(self.editor.offline.wait())
        try:
            await asyncio.wait((saving, leaving), return_when=asyncio.FIRST_COMPLETED)
            if saving.done():
                saving.result()
        finally:
            saving.cancel()
            leaving.cancel()

    async def seen(self, version: int) -> None:
        """Returns when everything up to `version` has arrived here."""
        while self.playlist.version < version:
            await self._signal.wait()

    def remove_unseen(self) -> bool:
        """Removes what should be gone and has arrived since. Whether there was any."""
        before = len(self._unseen)
        if before:
            self._make(Removal(tuple(self._unseen)), ())
        return len(self._unseen) < before

    def _make(self, edit: Edit, target: Sequence[Item]) -> None:
        seen = self._scene.items(self.playlist.entries)
        if isinstance(edit, Removal):
            self._unseen.update(edit.items)
            self._unseen.difference_update(item for item in seen if item is not None)
        for action in actions_of(edit, target, seen):
            self._act(action)
            self._tally.edits += 1

    def _act(self, action: Action) -> None:
        match action:
            case Remove(start, n):
                self.playlist.remove(start, n)
            case Insert(index, items):
                tracks = [self._tracks[self._scene.story.tracks[item]].fields() for item in items]
                self._scene.inserted(items, self.playlist.insert(index, tracks))
            case Move(start, n, before):
                self.playlist.move(start, n, before)
            case _:
                assert_never(action)

    def _receive(self, event: Event) -> None:
        match event:
            case Acknowledged():
                self.editor.acknowledged(self.playlist.id, event, self._tally)
            case Renamed():
                self._scene.renamed(event.uids)
            case Refusal():
                self._tally.refusals += 1
            case Resynced():
                self._tally.resyncs += 1
            case Diverged():
                self._tally.divergences += 1
            case _:
                pass
        self._signal.notify()
