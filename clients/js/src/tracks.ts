/**
 * From what a caller says to what a playlist holds.
 *
 * A track is a URI, or a map with the URI and what is known about it; an entry is that with a uid and who put it
 * there when. Content is checked by the server's own table of fields before an edit is made: one bad field would
 * make the server refuse the whole submission it travels in.
 */

import { InvalidEdit } from "./errors.js";
import { type Entry, isValue, type Value } from "./ot/value.js";
import { Refusal } from "./wire/errors.js";
import { checkAttributes, checkEdits, checkEntry, checkTrack } from "./wire/fields.js";

/** "spotify:track:…", or the URI with what describes it. */
export type Track =
  | string
  | {
      readonly track: string;
      readonly title?: string;
      readonly artists?: readonly string[];
      readonly album?: string;
      readonly duration_ms?: number;
      readonly isrc?: string;
      readonly [field: string]: Value | undefined;
    };

/** One track or several, as several. */
export function asList(tracks: Track | Iterable<Track>): Track[] {
  return typeof tracks === "string" || !(Symbol.iterator in tracks) ? [tracks as Track] : [...tracks];
}

/** The entry for a track that `user` adds at this wall time of the server. Throws InvalidEdit. */
export function makeEntry(track: Track, uid: string, user: string, serverMs: number): Entry {
  const entry = { ...fieldsOf(track), uid, added_by: user, added_at: serverMs };
  checked(() => checkEntry(entry));
  return entry;
}

/** What a Jam holds of a track. Throws InvalidEdit. */
export function makeSong(track: Track): Entry {
  const song = fieldsOf(track);
  checked(() => checkTrack(song));
  return song;
}

/** Throws InvalidEdit if the entry cannot have this value in this field. */
export function checkField(entry: Entry, field: string, value: Value): void {
  if (field === "uid") {
    throw new InvalidEdit("entry_invalid", "A uid is never edited.");
  }
  checkValue(field, value);
  checked(() => checkEdits({ [field]: value }, [entry]));
}

/** Throws InvalidEdit if playlists have no such attribute, or it cannot hold the value. */
export function checkAttribute(name: string, value: Value): void {
  checkValue(name, value);
  checked(() => checkAttributes({ [name]: value }));
}

/** What is not given is not there. */
function fieldsOf(track: Track): Entry {
  const given = typeof track === "string" ? { track } : track;
  const fields = Object.entries(given).filter((field): field is [string, Value] => field[1] !== undefined);
  for (const [field, value] of fields) {
    if (!isValue(value)) {
      throw new InvalidEdit("op_malformed", `The field ${JSON.stringify(field)} cannot hold this value.`);
    }
  }
  return Object.fromEntries(fields);
}

/** What the algebra refuses anywhere: fractions, numbers beyond 2^53, lone surrogates. */
function checkValue(name: string, value: Value): void {
  if (value !== null && !isValue(value)) {
    throw new InvalidEdit("op_malformed", `${JSON.stringify(name)} cannot hold this value.`);
  }
}

function checked(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof Refusal ? new InvalidEdit(error.code, error.message) : error;
  }
}
