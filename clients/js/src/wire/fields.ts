/**
 * What an entry and an attribute of a playlist may hold.
 *
 * The server's own field table, so that a client refuses an edit before it is made. Knows names, types and
 * sizes. Does not know lists, uids or who submits.
 */

import { isEnergy, isKey, isTempo } from "../jam/features.js";
import { codePoints } from "../jam/text.js";
import { type Edits, type Entry, isText, type Value } from "../ot/value.js";
import { Refusal } from "./errors.js";

// title, artists, album, duration_ms and isrc together: a catalogue's row, not a document store.
const DESCRIPTION_BYTES_MAX = 2048;

// Of any uid that can stand in a list: a client id, a dot and a number.
const UID_CHARS_MAX = 40;
const TRACK_CHARS_MAX = 512;
const NOTE_CHARS_MAX = 500;
const NAME_CHARS_MAX = 200;
const TEXT_CHARS_MAX = 2000;
const ARTISTS_MAX = 50;

const DESCRIPTION: readonly string[] = ["title", "artists", "album", "duration_ms", "isrc"];
// What a song is, wherever it stands: a catalogue's row, and how it sounds.
const SONG: readonly string[] = [...DESCRIPTION, "tempo", "key", "energy"];
const EDITABLE: ReadonlySet<string> = new Set([...SONG, "note"]);
const INSERTABLE: ReadonlySet<string> = new Set([...EDITABLE, "uid", "track", "added_by", "added_at", "was"]);

const encoder = new TextEncoder();

function hasLength(value: Value, charsMax: number, charsMin = 0): value is string {
  if (!isText(value)) {
    return false;
  }
  const chars = codePoints(value);
  return chars >= charsMin && chars <= charsMax;
}

/** Whether this can be a length or a point in time, in ms. */
export function isTime(value: Value): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function fieldIsValid(field: string, value: Value): boolean {
  switch (field) {
    case "title":
    case "album":
      return hasLength(value, DESCRIPTION_BYTES_MAX);
    case "artists":
      return (
        Array.isArray(value) &&
        value.length <= ARTISTS_MAX &&
        value.every(artist => hasLength(artist, DESCRIPTION_BYTES_MAX))
      );
    case "duration_ms":
      return isTime(value);
    case "isrc":
      return hasLength(value, 12, 12);
    case "tempo":
      return isTempo(value);
    case "key":
      return isKey(value);
    case "energy":
      return isEnergy(value);
    case "note":
      return hasLength(value, NOTE_CHARS_MAX);
    case "was":
      return hasLength(value, UID_CHARS_MAX, 1);
    case "track":
      return hasLength(value, TRACK_CHARS_MAX, 3) && value.includes(":");
    default:
      return false;
  }
}

function attributeIsValid(name: string, value: Value): boolean {
  switch (name) {
    case "name":
      return hasLength(value, NAME_CHARS_MAX, 1);
    case "description":
    case "image":
      return value === null || hasLength(value, TEXT_CHARS_MAX);
    case "public":
    case "collaborative":
      return value === null || typeof value === "boolean";
    default:
      return false;
  }
}

/** Throws Refusal (attribute_invalid) unless every attribute is one of the table's and of its type. */
export function checkAttributes(attributes: Edits): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!attributeIsValid(name, value)) {
      throw new Refusal("attribute_invalid", `The attribute '${name}' is unknown or not of its type.`);
    }
  }
}

/** Throws Refusal (entry_invalid) unless this may be inserted, as far as its fields go. */
export function checkEntry(entry: Entry): void {
  if (!Object.hasOwn(entry, "track")) {
    throw invalid("An entry needs a track.");
  }
  for (const [field, value] of Object.entries(entry)) {
    if (!INSERTABLE.has(field)) {
      throw invalid(`Entries have no field '${field}'.`);
    }
    if ((EDITABLE.has(field) || field === "track" || field === "was") && !fieldIsValid(field, value)) {
      throw invalid(`The field '${field}' cannot hold this value.`);
    }
  }
  checkDescription(entry);
}

/** Throws Refusal (entry_invalid) unless these are a song's own fields: its URI, and what describes it. */
export function checkTrack(track: Entry): void {
  if (!Object.hasOwn(track, "track")) {
    throw invalid("A song needs a track.");
  }
  for (const [field, value] of Object.entries(track)) {
    if (field !== "track" && !SONG.includes(field)) {
      throw invalid(`Songs have no field '${field}'.`);
    }
    if (!fieldIsValid(field, value)) {
      throw invalid(`The field '${field}' cannot hold this value.`);
    }
  }
  checkDescription(track);
}

/** Of a playlist's entry, what belongs to the song: a Jam's track, as `checkTrack` wants it. */
export function songOf(entry: Entry): Entry {
  return Object.fromEntries(
    Object.entries(entry).filter(([field]) => field === "track" || SONG.includes(field)),
  );
}

/** Throws Refusal (entry_invalid) unless these fields may be set on each of the entries as they are. */
export function checkEdits(edits: Edits, entries: readonly Entry[]): void {
  const fields = Object.entries(edits);
  for (const [field, value] of fields) {
    if (!EDITABLE.has(field) || !(value === null || fieldIsValid(field, value))) {
      throw invalid(`The field '${field}' cannot be set to this value.`);
    }
  }
  if (fields.some(([field]) => DESCRIPTION.includes(field))) {
    for (const entry of entries) {
      checkDescription({ ...entry, ...edits });
    }
  }
}

function checkDescription(fields: Entry): void {
  let bytes = 0;
  for (const name of DESCRIPTION) {
    const value = Object.hasOwn(fields, name) ? fields[name] : null;
    for (const text of Array.isArray(value) ? value : [value]) {
      bytes += typeof text === "string" ? encoder.encode(text).length : 0;
    }
  }
  if (bytes > DESCRIPTION_BYTES_MAX) {
    throw invalid(`The description of a track may have ${DESCRIPTION_BYTES_MAX} bytes.`);
  }
}

function invalid(message: string): Refusal {
  return new Refusal("entry_invalid", message);
}
