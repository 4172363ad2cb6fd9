"""An editor in one playlist.

Makes their share of every step in the list as they see it just then, while the others make theirs. Knows
edits, their copy of the playlist and what happens in it. Does not know when a replay is over.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from collab.replay.client import Copy
from collab.replay.editor import Editor
from collab.replay.hand import Action, Insert, actions_of
from collab.replay.recordings import Track
from collab.replay.scene import Scene
from collab.replay.steps import Edit, Item, Removal
from collab.replay.tally import Tally
from tutti_client import Acknowledged, Event, Renamed
from tutti_client.events import Diverged, Refusal, Resynced


class Part:
    """See the module. `watch` is called whenever a share was made."""

    def __init__(
        self,
        editor: Editor,
        scene: Scene,
        copy: Copy,
        tracks: Sequence[Track],
        tally: Tally,
        watch: Callable[[Tally], None],
    ) -> None:
        self.editor = editor
        self.copy = copy
        self._scene = scene
        self._tracks = tracks
        self._tally = tally
        self._watch = watch
        # Entries that should go and have not arrived here yet.
        self._unseen: set[Item] = set()
        copy.listen(self._receive)

    async def play(self) -> None:
        """Makes this editor's share of every step."""
        scene, editor = self._scene, self.editor
        for step, edits in scene.shares_of(editor.number):
            await scene.wait_for(step)
            await self.remove_unseen()
            for edit in edits:
                await editor.pace.turn()
                await self._make(edit, scene.story.steps[step].target)
            self._tally.steps += scene.made(step)
            self._watch(self._tally)
            editor.share_made(self._tally)
            await self._saved_or_offline()

    async def _saved_or_offline(self) -> None:
        """People go on when their edit is saved, or when they see that it will not be for now. (Going offline
        in one playlist ends the wait in all of them: else everybody could come to wait for somebody who comes
        back only after some more shares.)"""
        saving = asyncio.create_task(self.copy.saved())
        leaving = asyncio.create_task(self.editor.offline.wait())
        try:
            await asyncio.wait((saving, leaving), return_when=asyncio.FIRST_COMPLETED)
            if saving.done():
                saving.result()
        finally:
            saving.cancel()
            leaving.cancel()

    async def remove_unseen(self) -> bool:
        """Removes what should be gone and has arrived since. Whether there was any."""
        before = len(self._unseen)
        if before:
            await self._make(Removal(tuple(self._unseen)), ())
        return len(self._unseen) < before

    async def _make(self, edit: Edit, target: Sequence[Item]) -> None:
        actions: list[Action] = []

        def plan(uids: Sequence[str]) -> list[Action]:
            seen = self._scene.items(uids)
            if isinstance(edit, Removal):
                self._unseen.update(edit.items)
                self._unseen.difference_update(item for item in seen if item is not None)
            actions[:] = actions_of(edit, target, seen)
            return actions

        made = await self.copy.make(plan, self._track)
        for action, uids in zip(actions, made, strict=True):
            if isinstance(action, Insert):
                self._scene.inserted(action.items, uids)
        self._tally.edits += len(actions)

    def _track(self, item: Item) -> dict[str, Any]:
        return self._tracks[self._scene.story.tracks[item]].fields()

    def _receive(self, event: Event) -> None:
        match event:
            case Acknowledged():
                self.editor.acknowledged(self.copy.id, event, self._tally)
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
