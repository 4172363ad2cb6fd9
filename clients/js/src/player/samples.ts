/**
 * A song as samples.
 *
 * Knows how much memory that takes, and that a file may be none that this browser plays. Does not know where files
 * come from.
 */

import { Unplayable } from "./problems.js";
import type { Kept } from "./shelf.js";

const BYTES_PER_SAMPLE = 4;

/** What a song of the shelf is, decoded. */
export interface Samples extends Kept {
  readonly buffer: AudioBuffer;
  readonly lengthMs: number;
}

/**
 * Decoded for an output of this rate, whether or not that stands now. Rejects with Unplayable; with anything else it
 * may be tried again.
 */
export async function decoded(file: Blob, sampleRate: number): Promise<Samples> {
  const bytes = await file.arrayBuffer();
  let buffer: AudioBuffer;
  try {
    buffer = await new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(bytes);
  } catch (error) {
    throw (error as Error).name === "EncodingError" ? new Unplayable("not_decodable") : error;
  }
  return {
    buffer,
    lengthMs: (buffer.length * 1000) / buffer.sampleRate,
    bytes: buffer.length * buffer.numberOfChannels * BYTES_PER_SAMPLE,
    release: () => undefined,
  };
}
