"""Components over the hooks of the SDK show what others do, as it happens."""

import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Route

from tests.browser.household import House, shared_with
from tests.browser.site import PAGES
from tests.clients.javascript import SDK, needs_javascript
from tutti_client import connect, guest

pytestmark = needs_javascript


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`react.jsx` with React and the SDK, as an app's bundler makes it."""
    made = tmp_path_factory.mktemp("bundle") / "react.js"
    subprocess.run(
        [
            SDK / "node_modules/.bin/esbuild",
            PAGES / "react.jsx",
            "--bundle",
            "--format=esm",
            "--jsx=automatic",
            f"--alias:@tutti/client={SDK / 'dist/index.js'}",
            f"--alias:@tutti/client/react={SDK / 'dist/react.js'}",
            "--log-level=warning",
            f"--outfile={made}",
        ],
        env={"NODE_PATH": str(SDK / "node_modules"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        check=True,
    )
    return made


async def test_a_field_shows_what_is_found_for_what_is_in_it(
    browser: Browser, home: House, bundle: Path
) -> None:
    asked: list[str] = []

    async def search(route: Route) -> None:
        asked.append(parse_qs(urlsplit(route.request.url).query)["q"][0])
        title = "Blue in Green" if asked[-1] == "blue" else "Something else"
        track: dict[str, object] = {
            "uri": "tutti:track:1",
            "name": title,
            "artists": [],
            "album": None,
            "duration_ms": 0,
        }
        found = {"items": [{**track, "external_ids": {}}], "offset": 0, "total": 1}
        await route.fulfill(json={"tracks": found}, headers={"Access-Control-Allow-Origin": "*"})

    page = await browser.new_page()
    await page.route("**/react.js", lambda route: route.fulfill(path=bundle))
    await page.route("**/v1/search?*", search)
    await page.goto(f"{home.site}/react.html")
    await page.wait_for_function("window.page !== undefined")
    await page.evaluate("server => page.connect(server)", home.server)
    await page.evaluate("given => page.show(given)", {"playlist": "A" * 22, "jam": None})
    await page.fill("#field", "other")
    await page.wait_for_function("document.getElementById('found').innerText === 'Something else'")
    for text in ("b", "bl", "blu", "blue"):
        await page.fill("#field", text)
    await page.wait_for_function("document.getElementById('found').innerText === 'Blue in Green'")
    await page.fill("#field", "")
    await page.wait_for_function("document.getElementById('found').innerText === ''")
    assert asked[-1] == "blue"


async def test_hooks_show_what_others_do(browser: Browser, home: House, bundle: Path) -> None:
    page = await browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.route("**/react.js", lambda route: route.fulfill(path=bundle))
    await page.goto(f"{home.site}/react.html")
    await page.wait_for_function("window.page !== undefined")
    ada = await page.evaluate("server => page.connect(server)", home.server)
    ben = await guest(home.url, "Ben")
    playlist_id = await shared_with(home, ada, await ben())
    await page.evaluate("given => page.show(given)", {"playlist": playlist_id, "jam": None})
    await page.wait_for_selector("#list", state="attached")

    async with connect(home.url, token=ben) as bens:
        playlist = await bens.open_playlist(playlist_id)
        playlist.append([{"track": "demo:1", "title": "One"}, {"track": "demo:2", "title": "Two"}])
        await page.wait_for_function("document.getElementById('list').innerText === 'One\\nTwo'")
        playlist.move(1, 1, 0)
        await page.wait_for_function("document.getElementById('list').innerText === 'Two\\nOne'")

        jam = await bens.start_jam("Friday", mode="votes")
        code = (await jam.code()).code
        jam_id = await page.evaluate("async code => (await tutti.joinJam(code)).id", code)
        await page.evaluate("given => page.show(given)", {"playlist": playlist_id, "jam": jam_id})
        song = await jam.add({"track": "demo:3", "title": "Three", "duration_ms": 180_000})
        await page.wait_for_function("document.getElementById('queue').innerText === 'Three 1'")
        await page.evaluate("([id, song]) => tutti.openJam(id).then(jam => jam.vote(song))", [jam_id, song])
        await page.wait_for_function("document.getElementById('queue').innerText === 'Three 2'")

    assert await page.inner_text("#state") == "Ada online saved"
    await page.evaluate("given => page.show(given)", {"playlist": "A" * 22, "jam": None})
    await page.wait_for_function("document.getElementById('error')?.innerText === 'not_found'")
    home.kill()
    await page.wait_for_function("document.getElementById('state').innerText === 'Ada offline saved'")
    assert errors == []
