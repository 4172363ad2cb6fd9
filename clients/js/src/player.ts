/**
 * What plays the music on this device.
 *
 * A Jam says where the music should be, `jam/drift` what to do about the difference, and a player does it. Any
 * audio library fits behind these few calls. Times are the client's own monotonic clock (`clock`, float ms),
 * positions ms in the track, rates factors of the normal speed.
 */

import type { Entry } from "./ot/value.js";

/** What a Jam's queue holds of a song: `track`, its URI, and what is known about it. */
export type PlayedTrack = Entry;

/**
 * One output of one device. It plays one track at a time. No call may block; `nowMs` is the time of the call, for
 * those that reckon by it.
 */
export interface Player {
  /** How long what is given to the output takes to be heard, as far as the output says. May change. */
  readonly latencyMs: number;

  /** Whether the rate cannot be changed without being heard: then `setRate` is never called. */
  readonly seekOnly: boolean;

  /** Begins to fetch a track that will play soon; nothing if it is here or on its way. */
  prepare(track: PlayedTrack, nowMs: number): void;

  /** Whether `start` of this track would make itself heard in time. */
  isReady(track: PlayedTrack, nowMs: number): boolean;

  /** Whether it is known by now that this track cannot be played here. */
  isBroken(track: PlayedTrack): boolean;

  /**
   * Gives `positionMs` of the track to the output at `atMs`, at rate 1, instead of whatever plays until then. At a
   * time that is over, or before the track is here, it starts as soon as it can, where it would be by then. To be
   * heard at a time, start `latencyMs` earlier.
   */
  start(track: PlayedTrack, positionMs: number, atMs: number, nowMs: number): void;

  /** What is given to the output now; what is heard is `latencyMs` behind. Null while nothing is. */
  positionMs(nowMs: number): number | null;

  /** Plays on at this rate from now on. */
  setRate(rate: number, nowMs: number): void;

  /** Goes on at this position now, at this rate, with a cross-fade of some 20 ms if it can. */
  splice(positionMs: number, rate: number, nowMs: number): void;

  /** Falls silent, also if a start was to come. */
  stop(nowMs: number): void;
}
