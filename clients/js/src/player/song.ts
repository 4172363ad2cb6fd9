/**
 * A song that is here: samples, or a file for a media element.
 *
 * Knows what browsers make of a file. Does not know where files come from; which of the two it becomes is `choice`'s.
 */

import { type Facts, wayToPlay } from "./choice.js";
import { Download } from "./download.js";
import type { PlayerHost } from "./player-host.js";
import { Unplayable } from "./problems.js";
import { type Kept, Shelf } from "./shelf.js";

const BYTES_PER_SAMPLE = 4;
/** A browser that does not say by then how long a file is does not know it. */
const LENGTH_WITHIN_MS = 3_000;

/** What a player's shelf holds: `samples`, or null and a `url` for a media element. */
export interface Song extends Kept {
  readonly lengthMs: number;
  readonly samples: AudioBuffer | null;
  readonly url: string;
}

/** What a shelf of songs is for. `sampleRate` is that of the output, or null: no samples are wanted. */
export interface Purpose {
  readonly sampleRate: () => number | null;
  /** The tracks that are played now and next. */
  readonly held: () => readonly string[];
  /** A song is here, or cannot be had. */
  readonly changed: () => void;
}

/** The songs of the server's catalogue, for one player. */
export function shelfOfSongs(host: PlayerHost, { sampleRate, held, changed }: Purpose): Shelf<Song> {
  const loader = (track: string) => {
    const download = new Download(host, track);
    let file: Blob | null = null;
    return async (over: AbortSignal) => {
      file ??= await download.read(over);
      return songOf(file, sampleRate());
    };
  };
  return new Shelf(loader, held, changed, () => host.nowMs());
}

/** Rejects with Unplayable; with anything else it may be tried again. */
async function songOf(file: Blob, sampleRate: number | null): Promise<Song> {
  const url = URL.createObjectURL(file);
  const facts: Facts = {
    bytes: file.size,
    lengthMs: await lengthOf(url),
    isKnown: isKnownHere(file.type),
    sampleRate: typeof OfflineAudioContext === "function" ? sampleRate : null,
  };
  const samples = wayToPlay(facts) === "decode" ? await decoded(file, facts.sampleRate!) : null;
  if (samples !== null) {
    URL.revokeObjectURL(url);
    const bytes = samples.length * samples.numberOfChannels * BYTES_PER_SAMPLE;
    const lengthMs = (samples.length * 1000) / samples.sampleRate;
    return { lengthMs, samples, url: "", bytes, release: () => undefined };
  }
  const way = wayToPlay({ ...facts, sampleRate: null });
  if (way === "element") {
    const release = () => URL.revokeObjectURL(url);
    return { lengthMs: facts.lengthMs!, samples: null, url, bytes: file.size, release };
  }
  URL.revokeObjectURL(url);
  throw new Unplayable(way);
}

/** Null if the browser cannot. */
async function decoded(file: Blob, sampleRate: number): Promise<AudioBuffer | null> {
  const bytes = await file.arrayBuffer();
  try {
    // Of a context that plays nothing, so that it is no matter whether one may play now.
    return await new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(bytes);
  } catch (error) {
    if ((error as Error).name === "EncodingError") {
      return null;
    }
    throw error;
  }
}

function isKnownHere(type: string): boolean {
  return !type.startsWith("audio/") || typeof Audio !== "function" || new Audio().canPlayType(type) !== "";
}

/** How long a media element says that it is; null if it cannot play it. */
function lengthOf(url: string): Promise<number | null> {
  if (typeof Audio !== "function") {
    return Promise.resolve(null);
  }
  const element = new Audio();
  return new Promise<number | null>(resolve => {
    const tell = () => {
      const lengthMs = element.duration * 1000;
      resolve(Number.isFinite(lengthMs) && lengthMs > 0 ? lengthMs : null);
    };
    element.onloadedmetadata = element.onerror = tell;
    setTimeout(tell, LENGTH_WITHIN_MS);
    element.preload = "metadata";
    element.src = url;
  }).finally(() => element.removeAttribute("src"));
}
