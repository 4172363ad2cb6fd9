import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.fields import TRACK_CHARS_MAX, check_entry
from collab.ids import encode_id
from collab.songs import id_of_uri, track_uri
from collab.uris import (
    URI_CHARS_MAX,
    id_in,
    is_track_uri,
    kept_uri,
    named,
    same_track,
    shown_uri,
    tutti_named,
    tutti_uri,
)

ID = "4iV5W9uYEdYUVa79Axb7Rh"
OTHER = "1301WleyT98MSxVHPZCA6M"

ids = st.binary(min_size=16, max_size=16).map(encode_id)
uris = st.one_of(
    ids.map(track_uri),
    ids.map(lambda id: f"spotify:track:{id}"),
    st.sampled_from(
        ["mbid:track:1", "spotify:track:1", "spotify:episode:" + ID, "tutti:user:" + ID, "a:b", ":"]
    ),
    st.text(max_size=40),
)


def test_a_track_of_ours_is_shown_as_clients_check_it() -> None:
    assert shown_uri(f"tutti:track:{ID}") == f"spotify:track:{ID}"
    assert tutti_uri(f"tutti:track:{ID}") == f"tutti:track:{ID}"


@pytest.mark.parametrize("uri", [f"spotify:track:{ID}", "mbid:track:1", "tutti:track:short", "demo:1", "a:b"])
def test_any_other_is_shown_as_it_stands(uri: str) -> None:
    assert (shown_uri(uri), tutti_uri(uri)) == (uri, None)


def test_both_names_mean_one_track() -> None:
    ours, shown = f"tutti:track:{ID}", f"spotify:track:{ID}"
    for asked in (ours, shown):
        for stored in (ours, shown):
            assert same_track(asked, stored)
        assert not same_track(asked, f"tutti:track:{OTHER}")
        assert not same_track(asked, f"spotify:episode:{ID}")
        assert not same_track(asked, f"mbid:track:{ID}")
    assert same_track("mbid:track:1", "mbid:track:1")


@given(uris, uris)
def test_same_is_an_equality_and_kept_its_key(one: str, other: str) -> None:
    assert same_track(one, one)
    assert same_track(one, other) == same_track(other, one) == (kept_uri(one) == kept_uri(other))
    assert same_track(shown_uri(one), one)
    assert kept_uri(kept_uri(one)) == kept_uri(one)


@given(ids)
def test_what_is_shown_leads_back(id: str) -> None:
    assert kept_uri(shown_uri(track_uri(id))) == track_uri(id)
    assert id_of_uri(kept_uri(f"spotify:track:{id}")) == id
    assert id_in(named("playlist", id), "playlist") == id_in(tutti_named("playlist", id), "playlist") == id


@pytest.mark.parametrize(
    "uri",
    [
        "",
        ID,
        f"spotify:{ID}",
        f"spotify:playlist:{ID}x",
        f"spotify:album:{ID}",
        f"spotify:playlist:{ID}:x",
        f"other:playlist:{ID}",
        f"spotify:user:{ID}:playlist:{ID}",
        "spotify:playlist:-" + ID[1:],
    ],
)
def test_what_names_no_playlist(uri: str) -> None:
    assert id_in(uri, "playlist") is None


@pytest.mark.parametrize(
    "uri",
    [
        f"spotify:track:{ID}",
        f"tutti:track:{ID}",
        f"spotify:episode:{ID}",
        "spotify:local:Nina::Live:71",
        "mbid:track:1",
        "https://example.org/a.mp3",
        "demo:1",
        "x" * 10 + ":" + "y" * 501,
    ],
)
def test_what_may_be_put_into_a_list(uri: str) -> None:
    assert is_track_uri(uri)
    check_entry({"uid": "c.1", "track": uri})


@pytest.mark.parametrize(
    "uri",
    [
        "",
        ID,
        "track",
        ":",
        "a:b",
        "spotify:",
        "spotify:track:",
        f"spotify:track:{ID[1:]}",
        f"tutti:track:{ID}x",
        f"spotify:album:{ID}",
        f"spotify:artist:{ID}",
        f"SPOTIFY:track:{ID}",
        f"tutti:episode:{ID}",
        "x:" + "y" * 9,
        "demo:one two",
        "demo:\n",
        "demo:\x7f",
        "demo:" + "y" * URI_CHARS_MAX,
        f"spotify:track:{ID}\n",
    ],
)
def test_what_may_not(uri: str) -> None:
    assert not is_track_uri(uri)


def test_an_entry_has_room_for_any_uri() -> None:
    assert URI_CHARS_MAX <= TRACK_CHARS_MAX
