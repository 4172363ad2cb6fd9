/**
 * The Spotify Web API's own SDK at a server of ours, and what it shows of a playlist.
 *
 * It is used as it is; only where it asks is another place. Knows people, pages and shapes.
 */

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Page, type PlaylistedTrack, SpotifyApi, type Track } from "@spotify/web-api-ts-sdk";
import { WebSocket } from "ws";
import { type Guest, guest } from "../../src/guest.js";
import type { Entry } from "../../src/ot/value.js";
import type { Tutti } from "../../src/tutti.js";
import { connect } from "../../src/way-in.js";

/** Where the SDK asks, whatever it is told. */
const THEIRS = "https://api.spotify.com/v1/";

export type Item = PlaylistedTrack<Track>;

/** One person, by the SDK and at a socket. */
export interface Somebody {
  readonly person: Guest;
  readonly api: SpotifyApi;
  readonly tutti: Tutti;
}

/** Is closed with the test. */
export async function join(url: string, test: TestContext, name: string): Promise<Somebody> {
  const person = await guest(url, name);
  const tutti = await connect(url, { token: person.token, webSocket: WebSocket });
  test.after(() => tutti.close({ discard: true }));
  const token = {
    access_token: await person.token(),
    token_type: "Bearer",
    expires_in: 600,
    refresh_token: "",
  };
  const api = SpotifyApi.withAccessToken("any app", token, {
    fetch: (asked, init) => {
      assert.ok(typeof asked === "string" && asked.startsWith(THEIRS), "it asks at its one address");
      return fetch(`${url}/v1/${asked.slice(THEIRS.length)}`, init);
    },
  });
  return { person, api, tutti };
}

/** So many URIs that are those of nobody else. */
export function tracks(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `spotify:track:${`${kind}${n}`.padStart(22, "0")}`);
}

/** All of a list, by its pages, whose addresses are the server's. */
export async function all(api: SpotifyApi, first: Page<Item>): Promise<Item[]> {
  const root = first.href.slice(0, first.href.indexOf("/v1/") + "/v1/".length);
  const items = [...first.items];
  for (let { next } = first; next !== null; ) {
    assert.ok(next.startsWith(root));
    const page = await api.makeRequest<Page<Item>>("GET", next.slice(root.length));
    assert.equal(page.offset, items.length);
    items.push(...page.items);
    next = page.next;
  }
  assert.equal(items.length, first.total);
  return items;
}

/** What is to be shown of an entry, said independently of the server. */
export function ofEntry(entry: Entry): unknown {
  const track = String(entry["track"]);
  const id = /^(?:tutti|spotify):track:(\w{22})$/.exec(track)?.[1];
  return {
    uid: entry["uid"],
    uri: id === undefined ? track : `spotify:track:${id}`,
    id: id ?? "",
    title: entry["title"] ?? "",
    artists: entry["artists"] ?? [],
    album: entry["album"] ?? "",
    durationMs: entry["duration_ms"] ?? 0,
    isrc: entry["isrc"],
    addedBy: entry["added_by"],
    addedAtS: Math.floor(Number(entry["added_at"]) / 1000),
    note: entry["note"] ?? null,
  };
}

/** The same of what the SDK read. */
export function ofItem(item: Item): unknown {
  const { track, added_by, added_at } = item;
  const { uid, note } = item as Item & { uid: string; note: string | null };
  return {
    uid,
    uri: track.uri,
    id: track.id,
    title: track.name,
    artists: track.artists.map(artist => artist.name),
    album: track.album.name,
    durationMs: track.duration_ms,
    isrc: track.external_ids.isrc,
    addedBy: added_by.id,
    addedAtS: Date.parse(added_at) / 1000,
    note,
  };
}
