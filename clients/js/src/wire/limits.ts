/**
 * What a server's frame may hold.
 *
 * A committed op stands two levels deeper than a submitted one: in its row, in the rows of `ops`. Ops that were
 * composed while catching up may be longer than what a client may send, and a Jam's snapshot has its entries,
 * its people and their votes in maps, by their ids.
 */

export const DEPTH_MAX = 10;
export const MESSAGES_PER_FRAME_MAX = 512;
export const ARRAY_MAX = 200_000;
export const MAP_MAX = 25_000;
export const STRING_BYTES_MAX = 8 * 1024;
/** Of one frame as it comes, and of one that was put together of parts. */
export const RECEIVED_BYTES_MAX = 4 * 1024 * 1024;
/** A snapshot of the longest playlist with the longest fields stays far below. */
export const ASSEMBLED_BYTES_MAX = 64 * 1024 * 1024;
