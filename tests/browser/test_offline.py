"""Edits that a page could not save outlive it, and arrive once."""

from playwright.async_api import Browser, Page

from ot.digest import digest
from ot.document import Document
from tests.browser.household import House, device, seen, shared_with
from tests.clients.javascript import needs_javascript
from tutti_client import Playlist, connect, guest

pytestmark = needs_javascript


async def sits_down(page: Page, house: House, name: str = "Ada", *, offline: bool = True) -> str:
    """The user id of whoever sits at the page, who is somebody new or who was here last."""
    given = {"server": house.server, "name": name, "offline": offline}
    user: str = await page.evaluate("given => page.connect(given)", given)
    return user


async def document(page: Page) -> Document:
    state = await page.evaluate("page.state().document")
    return Document(state["entries"], state["attributes"])


def titles(document: Document) -> list[object]:
    return [entry.get("title") for entry in document.entries]


async def equal(page: Page, playlist: Playlist) -> None:
    """Waits until the page has what the program has."""
    await page.wait_for_function(f"page.state().version >= {playlist.version}")
    assert digest(await document(page)) == digest(Document(list(playlist.entries), dict(playlist.attributes)))


@seen("home", "secure", "plain-http")
async def test_a_page_edits_offline_and_comes_back_after_others_edited(browser: Browser, home: House) -> None:
    ben = await guest(home.url, "Ben")
    async with device(browser, home) as hers:
        page = await hers.page()
        assert await page.evaluate("window.isSecureContext") is home.is_secure
        ada = await sits_down(page, home)
        playlist_id = await shared_with(home, ada, await ben())
        await page.evaluate("id => page.open(id)", playlist_id)
        await page.evaluate(
            """async () => {
                playlist.append(["a", "b", "c", "d"].map(title => ({ track: `demo:${title}`, title })));
                await playlist.saved();
            }"""
        )

        home.kill()
        await page.evaluate(
            """async () => {
                playlist.append({ track: "demo:e", title: "e" });
                playlist.move(0, 2, 5);
                playlist.endStep();
                playlist.remove(0);
                playlist.undo();
                playlist.setField(1, "note", "still mine");
                await playlist.stored();
            }"""
        )
        offline = await document(page)
        assert titles(offline) == ["c", "d", "e", "a", "b"]
        assert await page.evaluate("playlist.status") == "pending"
        await page.close()

        home.start()
        async with connect(home.url, token=ben) as bens:
            theirs = await bens.open_playlist(playlist_id)
            theirs.append({"track": "demo:f", "title": "f"})
            theirs.remove(1)
            await theirs.saved()

            again = await hers.page()
            assert await sits_down(again, home) == ada
            await again.evaluate("id => page.open(id)", playlist_id)
            await again.evaluate("playlist.saved()")
            version = await again.evaluate("playlist.version")
            while theirs.version < version:
                await anext(aiter(theirs.changes()))
            await equal(again, theirs)
            assert sorted(map(str, titles(await document(again)))) == ["a", "c", "d", "e", "f"]
            assert await again.inner_text("#list") == "\n".join(map(str, titles(await document(again))))


async def test_what_a_closed_tab_left_unsaved_another_tab_brings(browser: Browser, home: House) -> None:
    ben = await guest(home.url, "Ben")
    async with device(browser, home) as hers:
        first = await hers.page()
        ada = await sits_down(first, home)
        playlist_id = await shared_with(home, ada, await ben())
        second = await hers.page()
        assert await sits_down(second, home) == ada
        for tab in (first, second):
            await tab.evaluate("id => page.open(id)", playlist_id)

        home.kill()
        await first.evaluate("playlist.append({ track: 'demo:1', title: 'first' }); playlist.stored()")
        await second.evaluate("playlist.append({ track: 'demo:2', title: 'second' }); playlist.stored()")
        await second.close()
        home.start()

        await first.wait_for_function("page.state().document.entries.length === 2")
        await first.evaluate("playlist.saved()")
        async with connect(home.url, token=ben) as bens:
            theirs = await bens.open_playlist(playlist_id)
            assert sorted(str(entry["title"]) for entry in theirs.entries) == ["first", "second"]


async def test_storage_that_is_denied_is_said_and_the_page_works_without(
    browser: Browser, home: House
) -> None:
    ben = await guest(home.url, "Ben")
    async with device(browser, home) as hers:
        page = await hers.page()
        await page.evaluate(
            "() => { IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError') } }"
        )
        said = await page.evaluate(
            "server => page.connect({ server, name: 'Ada' }).catch(error => error.code)", home.server
        )
        assert said == "store_denied"
        ada = await sits_down(page, home, offline=False)
        playlist_id = await shared_with(home, ada, await ben())
        await page.evaluate("id => page.open(id)", playlist_id)
        await page.evaluate("playlist.append('demo:1'); playlist.saved()")
        assert await page.evaluate("playlist.status") == "durable"


async def test_storage_that_is_full_is_said_before_an_edit_is_made_that_could_not_be_kept(
    browser: Browser, home: House
) -> None:
    ben = await guest(home.url, "Ben")
    async with device(browser, home) as hers:
        page = await hers.page()
        ada = await sits_down(page, home)
        playlist_id = await shared_with(home, ada, await ben())
        await page.evaluate("id => page.open(id)", playlist_id)
        await page.evaluate("playlist.append('demo:1'); playlist.saved()")
        await page.evaluate(
            """() => {
                IDBObjectStore.prototype.put = () => { throw new DOMException("", "QuotaExceededError") };
                playlist.append("demo:2");
            }"""
        )
        await page.wait_for_function("tutti.getSnapshot().failure?.code === 'store_full'")
        refused = "() => { try { playlist.append('demo:3') } catch (error) { return error.code } }"
        assert await page.evaluate(refused) == "store_full"

        # What was kept before is there when the page is loaded anew.
        await page.reload()
        await page.wait_for_function("window.page !== undefined")
        assert await sits_down(page, home) == ada
        await page.evaluate("id => page.open(id)", playlist_id)
        assert await page.evaluate("playlist.entries[0].track") == "demo:1"
