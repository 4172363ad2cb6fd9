import pytest

from collab.jam_doors import CODE_LIFE_S
from collab.qr import qr_png, qr_svg
from tests.collab.http_world import STRANGER, HttpWorld, Json, Person, refused

BASE = "http://localhost:8300/"


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


async def code_of(person: Person, jam: str) -> Json:
    response = await person.get(f"/v1/jams/{jam}/code")
    assert response.status_code == 200, response.text
    code: Json = response.json()
    return code


async def join(person: Person, **key: str) -> Json:
    response = await person.post("/v1/jams/join", key)
    assert response.status_code == 200, response.text
    admission: Json = response.json()
    return admission


async def test_whoever_types_the_code_comes_in(world: HttpWorld) -> None:
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    jam = await world.jam(ada.id)
    code = await code_of(ada, jam)
    plain = code["code"].replace("-", "")
    assert code == {
        "code": f"{plain[:4]}-{plain[4:]}",
        "url": f"{BASE}j/{plain}",
        "expires_at": world.times.now_ms + CODE_LIFE_S * 1000,
    }
    assert await join(mia, code=f" {code['code'].lower()} ") == {"jam": jam, "role": "guest", "version": 1}
    assert (await world.jam_rooms.look(jam)).jam.members[mia.id].name == "Mia"
    assert await code_of(mia, jam) == code


async def test_whoever_has_a_link_comes_in_as_it_says(world: HttpWorld) -> None:
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    jam = await world.jam(ada.id)
    response = await ada.post(f"/v1/jams/{jam}/invites", {"role": "listener", "expires_in_s": 60})
    made = response.json()
    assert response.status_code == 201
    assert (made["role"], made["expires_at"]) == ("listener", world.times.now_ms + 60_000)
    assert await join(mia, invite=made.pop("secret")) == {"jam": jam, "role": "listener", "version": 1}
    assert (await ada.get(f"/v1/jams/{jam}/invites")).json() == {"invites": [made]}
    assert (await ada.delete(f"/v1/jams/{jam}/invites/{made['id']}")).status_code == 204
    assert (await ada.get(f"/v1/jams/{jam}/invites")).json() == {"invites": []}


async def test_a_link_opens_its_own_kind_of_door_only(world: HttpWorld) -> None:
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    jam, playlist = await world.jam(ada.id), await ada.new_playlist()
    to_jam = (await ada.post(f"/v1/jams/{jam}/invites", {"role": "guest"})).json()["secret"]
    to_playlist = (await ada.post(f"/v1/playlists/{playlist}/invites", {"role": "editor"})).json()["secret"]
    assert refused(await mia.post("/v1/invites/accept", {"secret": to_jam})) == (404, "not_found")
    assert refused(await mia.post("/v1/jams/join", {"invite": to_playlist})) == (404, "key_invalid")


async def test_rotating_ends_code_and_links(world: HttpWorld) -> None:
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    jam = await world.jam(ada.id)
    old = await code_of(ada, jam)
    link = (await ada.post(f"/v1/jams/{jam}/invites", {"role": "guest"})).json()["secret"]
    response = await ada.post(f"/v1/jams/{jam}/code", {})
    assert response.status_code == 201
    assert response.json() == await code_of(ada, jam) != old
    for key in ({"code": old["code"]}, {"invite": link}):
        assert refused(await mia.post("/v1/jams/join", key)) == (404, "key_invalid")
    await join(mia, code=response.json()["code"])
    assert refused(await mia.post(f"/v1/jams/{jam}/code", {})) == (403, "forbidden")


async def test_pictures_of_the_address(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    jam = await world.jam(ada.id)
    url = (await code_of(ada, jam))["url"]
    svg, png = await ada.get(f"/v1/jams/{jam}/qr.svg"), await ada.get(f"/v1/jams/{jam}/qr.png")
    assert (svg.headers["content-type"], svg.content) == ("image/svg+xml", qr_svg(url))
    assert (png.headers["content-type"], png.content) == ("image/png", qr_png(url))
    assert svg.headers["cache-control"] == png.headers["cache-control"] == "no-store"


async def test_the_address_is_the_one_by_which_one_came(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    jam = await world.jam(ada.id)
    response = await ada.send("GET", f"/v1/jams/{jam}/code", headers={"Host": "192.168.1.7:8300"})
    assert response.json()["url"].startswith("http://192.168.1.7:8300/j/")


async def test_what_strangers_and_listeners_hear(world: HttpWorld) -> None:
    ada, mia, eve = await world.guest("Ada"), await world.guest("Mia"), await world.guest("Eve")
    jam = await world.jam(ada.id)
    await join(mia, code=(await code_of(ada, jam))["code"])
    await world.in_jam(jam, ada.id, "promote", user=mia.id, role="listener")
    for person, expected in ((mia, (403, "forbidden")), (eve, (404, "not_found"))):
        for response in (
            await person.get(f"/v1/jams/{jam}/code"),
            await person.get(f"/v1/jams/{jam}/qr.svg"),
            await person.get(f"/v1/jams/{jam}/qr.png"),
            await person.get(f"/v1/jams/{jam}/invites"),
            await person.post(f"/v1/jams/{jam}/invites", {"role": "guest"}),
            await person.delete(f"/v1/jams/{jam}/invites/{'I' * 22}"),
        ):
            assert refused(response) == expected
    for path in ("nowhere", "Z" * 22):
        assert refused(await ada.get(f"/v1/jams/{path}/code")) == (404, "not_found")
    async with world.client() as nobody:
        assert refused(await nobody.post("/v1/jams/join", json={"code": "K7QX-2MBD"})) == (
            401,
            "token_missing",
        )


@pytest.mark.parametrize("body", [{}, {"code": "K7QX2MBD", "invite": "I" * 22}, {"code": 7}, {"code": None}])
async def test_one_key_at_a_time(world: HttpWorld, body: Json) -> None:
    mia = await world.guest("Mia")
    for _ in range(20):  # a malformed request is no guess
        assert refused(await mia.post("/v1/jams/join", body)) == (400, "bad_request")


async def test_closed_doors_answer_alike(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    jam = await world.jam(ada.id)
    old = await code_of(ada, jam)
    await ada.post(f"/v1/jams/{jam}/code", {})
    locked = await code_of(ada, jam)
    await world.in_jam(jam, ada.id, "lock", locked=True)
    answers = []
    for number, code in enumerate(("2222-2222", "2222-222", "", old["code"], locked["code"])):
        mia = await world.guest(f"Mia {number}", f"203.0.113.{number}")
        answers.append(await mia.post("/v1/jams/join", {"code": code}))
    assert {refused(answer) for answer in answers} == {(404, "key_invalid")}
    assert len({answer.text for answer in answers}) == 1
    assert len({tuple(answer.headers.items()) for answer in answers}) == 1


@pytest.mark.parametrize("address", [STRANGER, "127.0.0.1"])
async def test_guesses_of_an_address_are_counted(world: HttpWorld, address: str) -> None:
    ada = await world.guest("Ada")
    code = (await code_of(ada, await world.jam(ada.id)))["code"]
    for number in range(5):
        mia = await world.guest(f"Mia {number}", address)
        assert refused(await mia.post("/v1/jams/join", {"code": "2222-2222"})) == (404, "key_invalid")
    eve = await world.guest("Eve", address)
    response = await eve.post("/v1/jams/join", {"code": code})
    assert refused(response) == (429, "rate_limited")
    assert 50 <= int(response.headers["Retry-After"]) <= 60
    world.times.now_ms += 60_000
    await join(eve, code=code)


async def test_guesses_of_an_account_are_counted(world: HttpWorld) -> None:
    mia = await world.guest("Mia")
    for number in range(10):
        mia._client = world.client(f"203.0.113.{number}")
        assert refused(await mia.post("/v1/jams/join", {"code": "2222-2222"})) == (404, "key_invalid")
    mia._client = world.client("203.0.113.77")
    assert refused(await mia.post("/v1/jams/join", {"code": "2222-2222"})) == (429, "rate_limited")


async def test_who_knocked_hears_whether_they_still_wait(world: HttpWorld) -> None:
    ada, mia, eve = await world.guest("Ada"), await world.guest("Mia"), await world.guest("Eve")
    jam = (await ada.post("/v1/jams", {"settings": {"approval": True}})).json()["id"]
    admission = await join(mia, code=(await code_of(ada, jam))["code"])
    assert admission["role"] is None

    async def waits(person: Person, jam: str = jam) -> bool:
        return bool((await person.get(f"/v1/jams/{jam}/knock")).json()["waits"])

    assert await waits(mia)
    assert not await waits(eve), "and learns no more than of a Jam that is none"
    assert not await waits(mia, "J" * 22)
    await world.in_jam(jam, ada.id, "deny", user=mia.id)
    assert not await waits(mia)
