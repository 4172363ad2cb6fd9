"""Documents begin anew after a backup, all of them, in pages."""

from collab.restoration import Restoration, Restored
from collab.secret_hash import secret_hash
from storage.memory import MemoryStore
from storage.store import Invite, JoinCode


async def test_every_document_on_every_page_gets_an_epoch_of_its_own() -> None:
    store = MemoryStore()
    names = [f"{number:04}" for number in range(1001)]
    for name in names:
        await store.create_document(name, "jam", "before", "ada", b"", 1)
    for name in (names[0], names[-1]):
        await store.set_join_code(JoinCode(f"CODE{name}", name, 1, "ada", 1, 9))
        await store.add_invite(
            Invite(name, name, "guest", "ada", 1, 9, revoked=False, generation=1), secret_hash(name)
        )
    drawn = iter(range(10_000))
    restoration = Restoration(store, lambda: f"epoch {next(drawn)}")
    assert await restoration.run() == Restored(documents=1001, codes=2, invites=2)
    heads = await store.heads(names)
    assert len({head.epoch for head in heads.values()}) == 1001
    assert {head.changes for head in heads.values()} == {1}
    assert await restoration.run() == Restored(documents=1001)
    assert not {head.epoch for head in heads.values()} & {
        head.epoch for head in (await store.heads(names)).values()
    }


async def test_of_nothing() -> None:
    assert await Restoration(MemoryStore(), lambda: "epoch").run() == Restored()
