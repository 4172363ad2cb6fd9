"""What a browser's output is really given: to the sample where there is no device, and as it plays.

Songs are noise, so that a short piece of what came out says where in which song it is from.
"""

import io
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from mutagen.flac import FLAC
from numpy.typing import NDArray
from playwright.async_api import Browser, Page, Route

from tests.clients.javascript import needs_javascript
from tests.collab.command import serving

pytestmark = needs_javascript

RATE = 44_100
FADE = RATE * 20 // 1000
Samples = NDArray[np.float32]


def noise(seed: int, seconds: float) -> Samples:
    drawn = np.random.default_rng(seed).uniform(-0.25, 0.25, int(seconds * RATE))
    return drawn.astype(np.float32)


def wave(samples: Samples) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype="FLOAT")
    return file.getvalue()


def track_id(name: str) -> str:
    return name * 22


class Shop:
    """Files by track id, and how they are handed out."""

    def __init__(self, **files: bytes) -> None:
        self.files = {track_id(name): file for name, file in files.items()}
        self.asked: list[str] = []
        self.is_open = True

    async def serve(self, route: Route) -> None:
        track = route.request.url.rsplit("/", 1)[1]
        self.asked.append(track)
        if not self.is_open:
            await route.abort()
        elif track in self.files:
            await route.fulfill(body=self.files[track], content_type="audio/wav", headers={"ETag": '"1"'})
        else:
            await route.fulfill(status=404)


@asynccontextmanager
async def visit(browser: Browser, site_port: int, shop: Shop | None, query: str = "") -> AsyncIterator[Page]:
    """A page with a player to be made; an exception that nobody took fails the test."""
    page = await browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    if shop is not None:
        await page.route("**/v1/audio/*", shop.serve)
    # To be asked anything by a test counts as a gesture.
    async with page.expect_console_message(lambda message: message.text == "ready"):
        await page.goto(f"http://127.0.0.1:{site_port}/player.html{query}")
    yield page
    await page.close()
    assert errors == []


def unpacked(text: str) -> Samples:
    return np.frombuffer(b64decode(text), np.float32)


async def rendered(
    page: Page, songs: dict[str, Samples], steps: Sequence[Sequence[object]], seconds: float
) -> tuple[Samples, list[float]]:
    given = {
        "songs": {name: b64encode(samples.tobytes()).decode() for name, samples in songs.items()},
        "steps": steps,
        "frames": int(seconds * RATE),
    }
    made: dict[str, Any] = await page.evaluate("given => page.rendered(given)", given)
    return unpacked(made["samples"]), made["positions"]


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, site_port: int) -> AsyncIterator[Page]:
    async with visit(browser, site_port, Shop()) as opened:
        yield opened


# -- to the sample, without a device -------------------------------------------------------------------------


def same(samples: Samples, song: Samples) -> bool:
    """Whether these are the song's first, but for what adding numbers costs."""
    return np.allclose(samples, song[: len(samples)], rtol=0, atol=1e-9)


async def test_a_start_lands_on_its_sample_and_what_follows_has_no_seam(page: Page) -> None:
    whole = noise(1, 3)
    songs = {"one": whole[:RATE], "two": whole[RATE:]}
    steps = [["start", "one", 0, 500.3, 10], ["start", "two", 0, 1502, 600]]
    samples, _ = await rendered(page, songs, steps, 3)
    first = round(0.5003 * RATE)
    assert not samples[:first].any()
    assert same(samples[first:], whole)


async def test_a_rate_takes_the_song_as_far_as_is_said_of_it(page: Page) -> None:
    # A ramp says where in the song a sample is from.
    ramp = (np.arange(13 * RATE) / (13 * RATE)).astype(np.float32)
    steps = [
        ["start", "ramp", 0, 100, 10],
        ["setRate", 1.005, 500],
        ["positionMs", 10_900],
        ["setRate", 0.9997, 11_000],
        ["positionMs", 11_900],
    ]
    samples, positions = await rendered(page, {"ramp": ramp}, steps, 12)
    for at_ms, position_ms in zip((10_900, 11_900), positions, strict=True):
        heard_ms = float(samples[at_ms * RATE // 1000]) * 13_000
        assert heard_ms == pytest.approx(position_ms, abs=2_000 / RATE), "two samples"
    assert positions[0] == pytest.approx(400 + 10_400 * 1.005, abs=0.03)


async def test_a_splice_lasts_20_ms_and_does_not_click(page: Page) -> None:
    # Both voices hold still, so that all that moves is the fade.
    steps = [["start", "one", 0, 0, 0], ["splice", 3000, 1000, 1, 1000]]
    still = np.full(5 * RATE, 0.5, np.float32)
    samples, _ = await rendered(page, {"one": still}, steps, 2)
    changed = np.flatnonzero(np.abs(samples - 0.5) > 1e-4)
    assert changed[0] >= RATE
    assert changed[-1] - changed[0] <= FADE
    assert np.abs(np.diff(samples)).max() < 0.5 * np.pi / FADE
    assert samples.max() == pytest.approx(0.5 * np.sqrt(2), rel=1e-3), "of equal power"

    other = noise(2, 5)
    samples, _ = await rendered(page, {"one": other}, steps, 2)
    assert same(samples[:RATE], other)
    behind = RATE + FADE + 1
    assert same(samples[behind:], other[behind + 2 * RATE :])


async def test_what_stops_or_gives_way_does_not_click(page: Page) -> None:
    still = np.full(3 * RATE, 0.5, np.float32)
    steps = [["start", "one", 0, 0, 0], ["stop", 1000], ["start", "one", 500, 900, 1300]]
    samples, _ = await rendered(page, {"one": still}, steps, 2)
    assert np.abs(np.diff(samples)).max() < 0.5 * np.pi / FADE
    assert [samples[RATE - 1], samples[RATE + FADE + 1], samples[-1]] == [0.5, 0, 0.5]

    # Another song takes its place before it is over.
    quiet = np.zeros(RATE, np.float32)
    steps = [["start", "one", 0, 0, 0], ["start", "two", 0, 1000, 100]]
    samples, _ = await rendered(page, {"one": still, "two": quiet}, steps, 2)
    assert np.abs(np.diff(samples)).max() < 0.5 * np.pi / FADE
    assert not samples[RATE + FADE + 1 :].any()


# -- as it plays ---------------------------------------------------------------------------------------------


async def make(page: Page, *names: str) -> None:
    """A player whose songs are here, on an output that runs."""
    await page.evaluate(
        """async names => {
            const { player } = page.make();
            await player.unlock();
            for (const song of names.map(page.songOf)) {
                player.prepare(song);
                await page.until(() => player.isReady(song) || player.isBroken(song));
            }
            await page.until(() => player.latencyMs > 0 && made.tape.end > 0);
        }""",
        [track_id(name) for name in names],
    )


async def rest(page: Page) -> None:
    """As long as nothing is played, and at once."""
    await page.evaluate(
        """async () => {
            const { after } = page.host;
            page.host.after = (_, then) => after(0, then);
            made.player.stop(performance.now());
            page.host.after = after;
            await page.until(() => made.contexts[0].state === "suspended");
        }"""
    )
    assert await problems(page) == []


def found(piece: Samples, song: Samples) -> int:
    """Where in the song the piece is from."""
    size = len(piece) + len(song) - 1
    product = np.fft.irfft(np.fft.rfft(song, size) * np.conj(np.fft.rfft(piece, size)), size)
    return int(np.argmax(product[: len(song)]))


@pytest.mark.parametrize("has_rested", [False, True])
async def test_a_scheduled_start_is_given_to_the_output_when_it_was_asked_for(
    browser: Browser, site_port: int, has_rested: bool
) -> None:
    song = noise(3, 20)
    async with visit(browser, site_port, Shop(a=wave(song))) as page:
        await make(page, "a")
        if has_rested:
            await rest(page)
        heard = await page.evaluate(
            """async id => {
                const { player, tape, contexts: [context] } = made;
                const nowMs = performance.now();
                const atMs = nowMs + 700;
                const heardAtMs = atMs + player.latencyMs;
                player.start(page.songOf(id), 5000, atMs, nowMs);
                const reads = [];
                while (performance.now() < atMs + 1500) {
                    await new Promise(resolve => setTimeout(resolve, 40));
                    const readMs = performance.now();
                    const positionMs = player.positionMs(readMs);
                    const heardMs = positionMs - player.latencyMs;
                    if (positionMs !== null) reads.push(heardMs - (readMs - heardAtMs) - 5000);
                }
                // The frame that is heard at a moment, by the browser's own word.
                const { contextTime, performanceTime } = context.getOutputTimestamp();
                const heardS = contextTime + (heardAtMs + 1000 - performanceTime) / 1000;
                const frame = Math.round(heardS * context.sampleRate);
                await page.until(() => tape.end > frame + 4096);
                return { reads, samples: tape.from(frame, 4096) };
            }""",
            track_id("a"),
        )
    at = found(unpacked(heard["samples"]), song)
    assert at == pytest.approx(6 * RATE, abs=RATE / 1000), "within a millisecond"
    assert np.std(heard["reads"]) < 2
    assert abs(np.mean(heard["reads"])) < 1


async def test_a_jam_of_the_servers_music_is_heard_in_time_and_without_a_gap(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    whole = noise(10, 9)
    music = tmp_path / "music"
    music.mkdir()
    for number, samples in enumerate(np.split(whole, 2), 1):
        # To whole samples, so that what comes out is what went in.
        path = music / f"evening {number}.flac"
        soundfile.write(path, samples, RATE, format="FLAC", subtype="PCM_24")
        file = FLAC(path)
        file["title"] = f"Evening {number}"
        file.save()
    site = f"http://127.0.0.1:{site_port}"
    with serving(tmp_path / "data", "--music", music, "--allow-origin", site) as server:
        async with visit(browser, site_port, None) as page:
            await page.evaluate("server => page.jam(server, 'evening')", server.url)
            await page.wait_for_function("jam.sync.isLocked")
            assert abs(await page.evaluate("jam.sync.errorMs")) < 3
            await page.wait_for_function("jam.nowPlaying?.song.title === 'Evening 2'")
            await page.wait_for_function("jam.position() > 1000 && jam.sync.isLocked")
            tape = unpacked(await page.evaluate("made.tape.from(0, made.tape.end)"))
            assert await problems(page) == []
    # Around the seam; the rate moves a sample or two.
    seam = len(whole) // 2
    last, first = (found(whole[at : at + 2048], tape) for at in (seam - 2048, seam))
    assert first - last == pytest.approx(2048, abs=12)


# -- when something is wrong ---------------------------------------------------------------------------------


async def start(page: Page, name: str, position_ms: int) -> None:
    await page.evaluate("given => page.start(...given)", [track_id(name), position_ms])


async def off_by(page: Page) -> float:
    """How far what is heard is from what was asked for, by the player's own word, in ms."""
    off_ms: float = await page.evaluate("page.offBy()")
    return off_ms


async def problems(page: Page) -> list[str]:
    codes: list[str] = await page.evaluate("made.player.getSnapshot().problems.map(({ code }) => code)")
    return codes


async def test_music_that_wants_a_click_begins_where_it_should_be_by_then(
    browser: Browser, site_port: int
) -> None:
    async with visit(browser, site_port, Shop(a=wave(noise(4, 30))), "?by-itself") as page:
        await page.get_by_role("button", name="Play").click()
        assert abs(await off_by(page)) < 5
        assert "needs_gesture" in await page.evaluate("made.said")
        assert await problems(page) == []


async def test_an_output_that_is_taken_away_or_dies_is_replaced_and_the_music_goes_on(
    browser: Browser, site_port: int
) -> None:
    async with visit(browser, site_port, Shop(a=wave(noise(5, 60)))) as page:
        await make(page, "a")
        await start(page, "a", 1000)
        for wound, code in (("suspend", "interrupted"), ("close", "device_lost")):
            await page.evaluate(f"made.contexts.at(-1).{wound}()")
            await page.wait_for_function("code => made.said.includes(code)", arg=code)
            if wound == "suspend":
                await page.evaluate("made.player.unlock()")
            assert abs(await off_by(page)) < 5
            assert await problems(page) == []
        assert await page.evaluate("made.contexts.length") == 2


async def test_each_song_that_cannot_be_played_says_why_and_the_others_play(
    browser: Browser, site_port: int
) -> None:
    good = wave(noise(6, 5))
    files = {"a": good, "b": b"no music at all", "c": good[:30], "d": b""}
    async with visit(browser, site_port, Shop(**files)) as page:
        await make(page, "b", "c", "d", "e", "a")
        said = await page.evaluate(
            """names => names.map(name => {
                const song = page.songOf(name);
                return [made.player.isBroken(song), made.player.problemOf(song)?.code ?? null];
            })""",
            [track_id(name) for name in "abcde"],
        )
        assert said == [
            [False, None],
            [True, "not_decodable"],
            [True, "not_decodable"],
            [True, "not_decodable"],
            [True, "file_gone"],
        ]
        await start(page, "a", 100)
        assert abs(await off_by(page)) < 5


async def test_a_song_comes_when_the_network_is_back(browser: Browser, site_port: int) -> None:
    shop = Shop(a=wave(noise(7, 5)))
    shop.is_open = False
    async with visit(browser, site_port, shop) as page:
        await page.evaluate("id => page.make().player.prepare(page.songOf(id))", track_id("a"))
        await page.wait_for_function("made.player.getSnapshot().problems[0]?.code === 'unreachable'")
        assert not await page.evaluate("id => made.player.isBroken(page.songOf(id))", track_id("a"))
        shop.is_open = True
        ready = "id => made.player.isReady(page.songOf(id))"
        await page.wait_for_function(ready, arg=track_id("a"))
        assert await problems(page) == []
        # Who believes that it is here asks for it only before it starts.
        await page.evaluate("made.player.shelf.clear()")
        assert not await page.evaluate(ready, track_id("a"))
        await page.wait_for_function(ready, arg=track_id("a"))


# -- media elements ------------------------------------------------------------------------------------------


async def test_what_is_too_long_for_samples_a_media_element_plays_and_samples_follow_it(
    browser: Browser, site_port: int
) -> None:
    long = io.BytesIO()
    soundfile.write(long, np.zeros(8_000 * 60 * 14, np.int16), 8_000, format="WAV", subtype="PCM_U8")
    async with visit(browser, site_port, Shop(a=long.getvalue(), b=wave(noise(8, 9)))) as page:
        await make(page, "a", "b")
        await page.evaluate("made.player.volume = 50")
        await start(page, "a", 700_000)
        assert abs(await off_by(page)) < 500
        place = await page.evaluate(
            """() => {
                made.player.splice(300_000, 1, performance.now());
                return page.until(() => made.player.positionMs(performance.now()) < 400_000);
            }"""
        )
        assert place is None
        await start(page, "b", 2_000)
        assert abs(await off_by(page)) < 5
        await page.evaluate("made.player.stop(performance.now())")
        await page.wait_for_function("made.player.positionMs(performance.now()) === null")


async def test_a_player_of_media_elements_starts_seeks_and_stops(browser: Browser, site_port: int) -> None:
    async with visit(browser, site_port, Shop(a=wave(noise(9, 30)))) as page:
        await page.evaluate(
            """async id => {
                const player = page.makePlayer({ tutti: page.host, kind: "element" });
                window.made = { player };
                player.prepare(page.songOf(id));
                await page.until(() => player.isReady(page.songOf(id)));
            }""",
            track_id("a"),
        )
        assert await page.evaluate("made.player.seekOnly")
        await start(page, "a", 10_000)
        assert abs(await off_by(page)) < 500
        await page.evaluate("made.player.splice(20_000, 1, performance.now())")
        await page.wait_for_function("made.player.positionMs(performance.now()) > 20_000")
        await page.evaluate("made.player.stop(performance.now())")
        assert await page.evaluate("made.player.positionMs(performance.now())") is None
