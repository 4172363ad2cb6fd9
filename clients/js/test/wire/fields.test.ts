/** The field table: what may stand in an entry and in an attribute. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../src/ot/value.js";
import { Refusal } from "../../src/wire/errors.js";
import { checkAttributes, checkEdits, checkEntry, checkTrack, songOf } from "../../src/wire/fields.js";

const BYTES_MAX = 2048;
const GOOD: Entry = { uid: "c.1", track: "spotify:track:4uLU6hMCjMI75M1A2tKUQC" };

function refuses(check: () => void, code: string): void {
  assert.throws(check, (error: unknown) => error instanceof Refusal && error.code === code);
}

test("a good entry", () => {
  for (const fields of [
    {},
    { title: "Été", artists: ["a", "b"], album: "", duration_ms: 0, isrc: "USRC17607839" },
    { note: "😀".repeat(500), added_by: "u", added_at: 1, was: "c.0" },
    { title: "t".repeat(BYTES_MAX) },
    { tempo: 12_050, key: "12B", energy: 0 },
    { title: "t".repeat(BYTES_MAX), key: "1A" },
  ]) {
    checkEntry({ ...GOOD, ...fields });
  }
});

test("a bad entry", () => {
  for (const fields of [
    { colour: "red" },
    { toString: "x" },
    { track: "no-uri" },
    { track: 1 },
    { title: 5 },
    { title: "\ud834" },
    { artists: "one" },
    { artists: [1] },
    { artists: Array.from({ length: 51 }, () => "a") },
    { duration_ms: -1 },
    { duration_ms: true },
    { isrc: "short" },
    { tempo: 120 },
    { tempo: true },
    { tempo: 100_001 },
    { key: "13A" },
    { key: "Am" },
    { key: 8 },
    { energy: 101 },
    { energy: "50" },
    { note: "n".repeat(501) },
    { title: "t".repeat(BYTES_MAX), album: "a" },
    { title: "é".repeat(BYTES_MAX / 2), album: "a" },
  ]) {
    refuses(() => checkEntry({ ...GOOD, ...fields } as Entry), "entry_invalid");
  }
  refuses(() => checkEntry({ uid: "c.1" }), "entry_invalid");
});

test("a good edit, and what cannot be edited", () => {
  for (const edits of [
    { note: null },
    { title: "x", note: "y" },
    { artists: null },
    { tempo: 9_000, key: null },
  ]) {
    checkEdits(edits, [GOOD]);
  }
  for (const field of ["uid", "track", "added_by", "added_at", "was", "colour"]) {
    refuses(() => checkEdits({ [field]: "a:b" }, [GOOD]), "entry_invalid");
  }
});

test("a description is bounded together with what stands", () => {
  const entry = { ...GOOD, title: "t".repeat(BYTES_MAX - 1) };
  checkEdits({ album: "a" }, [entry]);
  refuses(() => checkEdits({ album: "ab" }, [entry]), "entry_invalid");
  checkEdits({ album: "ab", title: null }, [entry]);
});

test("attributes", () => {
  checkAttributes({ name: "Mix", description: null, public: true, image: "https://x" });
  for (const bad of [{ name: "" }, { name: null }, { public: 1 }, { rating: "5" }, { description: 3 }]) {
    refuses(() => checkAttributes(bad), "attribute_invalid");
  }
});

test("of an entry, the song", () => {
  const entry = { ...GOOD, title: "x", note: "loud", added_by: "u", energy: 7 };
  const song = songOf(entry);
  assert.deepEqual(song, { track: GOOD["track"], title: "x", energy: 7 });
  checkTrack(song);
  refuses(() => checkTrack(entry), "entry_invalid");
  refuses(() => checkTrack({ title: "x" }), "entry_invalid");
});
