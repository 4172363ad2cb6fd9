"""What a browser makes of the headers: isolation, and music and covers on an app's isolated page."""

from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.browser.site import ISOLATED, site
from tests.collab.music.shelf import Shelf, cover
from tests.integration.world import world

HEARD = """async ({audio, token}) => {
  const headers = {Authorization: `Bearer ${token}`};
  const part = await fetch(audio, {headers: {...headers, Range: "bytes=4-9"}});
  const known = {...headers, "If-None-Match": part.headers.get("ETag")};
  const same = await fetch(audio, {headers: known, cache: "no-store"});
  const whole = await fetch(audio, {headers});
  const song = await whole.blob();
  const element = new Audio(URL.createObjectURL(song));
  await new Promise(done => { element.onloadedmetadata = element.onerror = done; });
  return {
    statuses: [part.status, same.status, whole.status],
    range: part.headers.get("Content-Range"),
    accepts: part.headers.get("Accept-Ranges"),
    bytes: (await part.arrayBuffer()).byteLength,
    song: [song.size, song.type],
    error: element.error?.message,
    seconds: element.duration,
  };
}"""
SHOWN = """async url => {
  const image = new Image();
  image.src = url;
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}"""
# As an image or a script would be fetched: without asking by CORS.
TAKEN = "url => fetch(url, {mode: 'no-cors'}).then(() => 'taken', () => 'refused')"


async def test_music_on_an_isolated_page_of_an_app(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    song = Shelf(folder).song("song.flac", cover())
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "app.html").write_text("<!doctype html><title>An app</title><link rel=icon href='data:,'>")
    with site(pages, ISOLATED) as port:
        app = f"http://127.0.0.1:{port}"
        async with world(tmp_path, songs=folder, allow_origin=(app,)) as node:
            await node.store.catalogue.put([song])
            ada = await node.person("Ada")
            server = f"http://127.0.0.1:{node.port}"
            page = await browser.new_page()
            await page.goto(f"{app}/app.html")
            assert await page.evaluate("crossOriginIsolated")
            audio = {"audio": f"{server}/v1/audio/{song.id}", "token": ada.token}
            heard: dict[str, Any] = await page.evaluate(HEARD, audio)
            assert heard == {
                "statuses": [206, 304, 200],
                "range": f"bytes 4-9/{song.size_bytes}",
                "accepts": "bytes",
                "bytes": 6,
                "song": [song.size_bytes, "audio/flac"],
                "error": None,
                "seconds": 2,
            }
            url = f"{server}/v1/artwork/{song.artwork}?size=300"
            assert await page.evaluate(SHOWN, url) == [300, 200]
            assert await page.evaluate(TAKEN, f"{server}/v1/me") == "refused"


async def test_a_page_of_the_server_is_isolated(browser: Browser, tmp_path: Path) -> None:
    async with world(tmp_path) as node:
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{node.port}/j/K7QX2MBD")
        assert await page.evaluate("crossOriginIsolated")
