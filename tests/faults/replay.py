"""The histories of real playlists, made again on two nodes while Redis is away for a minute.

The replay is the operators' own (`tutti replay`), with its journals and its audit; this adds the fault in the
middle and measures how late editors see each other. Knows the replay. Does not know what is in the playlists.
"""

import asyncio
from pathlib import Path
from time import monotonic

from collab.replay.editor import Editor
from collab.replay.part import Part
from collab.replay.play import Plan, Replay
from collab.replay.recordings import read_recordings, read_tracks
from collab.replay.scene import Scene
from collab.replay.tally import Tally
from tests.faults.bus import LAG_S, all_connected, redis_of
from tests.faults.cluster import running
from tests.faults.figures import percentile
from tests.faults.row import Row, Size, Stage
from tutti_client.events import Acknowledged, Change, Event, Reloaded, Resynced

DATA = Path(__file__).parents[3] / "shared" / "data"

Version = tuple[str, int]


class Watch:
    """When versions were acknowledged, and when others had them on a connection that stood all the while."""

    def __init__(self) -> None:
        self._acked_s: dict[Version, float] = {}
        self._seen: list[tuple[Version, float]] = []

    def follow(self, part: Part) -> None:
        playlist, tutti = part.playlist, part.editor.tutti
        at = playlist.version
        sessions, here_s = tutti.sessions, monotonic()

        def receive(event: Event) -> None:
            nonlocal at, sessions, here_s
            now_s = monotonic()
            if tutti.sessions > sessions:
                # What was missed while away says nothing about the nodes.
                sessions, here_s = tutti.sessions, now_s
            match event:
                case Acknowledged():
                    self._acked_s[playlist.id, event.version] = now_s
                case Change(own=False) if now_s > here_s:
                    self._seen += [
                        ((playlist.id, version), now_s) for version in range(at + 1, event.version + 1)
                    ]
                case Resynced() | Reloaded():
                    at = event.version
            at = max(at, playlist.version)

        playlist.listen(receive)

    def lags_s(self, from_s: float, until_s: float) -> list[float]:
        """Of what was acknowledged in a time, once for each editor who saw it."""
        return [
            max(0.0, seen_s - acked_s)
            for version, seen_s in self._seen
            if (acked_s := self._acked_s.get(version)) is not None and from_s <= acked_s <= until_s
        ]


class WatchedReplay(Replay):
    """A replay whose editors are watched."""

    def __init__(self, plan: Plan, watch: Watch) -> None:
        super().__init__(plan, self._made)
        self.is_half_made = asyncio.Event()
        self._watched = watch

    async def _open(self, editor: Editor, scene: Scene) -> Part:
        part = await super()._open(editor, scene)
        self._watched.follow(part)
        return part

    def _made(self, tally: Tally) -> None:
        if 3 * tally.steps >= tally.steps_in_all:
            self.is_half_made.set()


async def replay_without_redis(stage: Stage) -> None:
    """Redis is killed when a third of the replay is made, and back after a minute."""
    size = stage.size
    journals = stage.folder / "journals"
    journals.mkdir()
    async with running(stage.folder) as cluster:
        await all_connected(cluster)
        watch = Watch()
        plan = Plan(
            url=cluster.url,
            recordings=read_recordings(DATA / "histories.jsonl.gz", size.documents),
            tracks=read_tracks(DATA / "tracks.jsonl.gz"),
            editors=size.clients,
            edits_s=size.ops_s,
            seed=stage.random.randrange(2**32),
            journals=journals,
        )
        replay = WatchedReplay(plan, watch)
        playing = asyncio.create_task(replay.run())
        await replay.is_half_made.wait()
        away_s = monotonic()
        await asyncio.to_thread(redis_of(cluster).kill)
        await asyncio.sleep(size.seconds)  # the fault itself
        is_in_the_middle = not playing.done()
        back_s = monotonic()
        await asyncio.to_thread(redis_of(cluster).start)
        tally = await playing
        await all_connected(cluster)
        for failure in tally.failures():
            stage.found(failure)
        without = watch.lags_s(away_s, back_s)
        stage.figure("playlists that ended equal everywhere", tally.equal, size.documents, at_least=True)
        stage.figure("acknowledged edits that are lost", tally.lost, 0)
        stage.figure("edits seen by others without Redis", len(without), 1, at_least=True)
        stage.figure("lag without Redis, p99", percentile(without, 0.99), LAG_S, "s")
        stage.figure("lag in all, p99", percentile(watch.lags_s(0.0, float("inf")), 0.99), LAG_S, "s")
        stage.figure("Redis came back before the end", is_in_the_middle, 1, at_least=True)
        stage.note(
            f"{tally.steps} steps, {tally.edits} edits by {tally.editors} editors in {tally.seconds:.0f} s; "
            f"{tally.transformed_share:.0%} of the ops met a foreign one"
        )
        await stage.judge_cluster(cluster)


ROWS = (
    Row(
        "redis-stopped-in-a-replay",
        "Redis stopped for a minute in the middle of a replay of real histories on two nodes",
        "ends equal; lag p99 ≤ 2 s",
        replay_without_redis,
        Size(clients=8, documents=20, ops_s=80, seconds=60),
    ),
)
