/**
 * What can be wrong with the sound here, in sentences.
 *
 * Each is of this device alone: the Jam goes on for the others. Knows words. Does not know when they are said.
 */

/** What is wrong; the first four are about the output, the others about a song. */
export type ProblemCode =
  | "needs_gesture"
  | "interrupted"
  | "no_sound"
  | "device_lost"
  | "codec_missing"
  | "not_decodable"
  | "file_gone"
  | "not_here"
  | "denied"
  | "too_large"
  | "unreachable";

const SENTENCES: Readonly<Record<ProblemCode, string>> = {
  needs_gesture: "The browser plays sound only after a click or a tap on the page.",
  interrupted: "Another program, or a call, has the sound. The music comes back when it is done.",
  no_sound: "This browser has no output that music could be played on.",
  device_lost: "The audio device is gone. The music comes back on another one.",
  codec_missing: "This browser cannot play this kind of file.",
  not_decodable: "This file is damaged, or no music.",
  file_gone: "The file of this song is gone.",
  not_here: "This song is not in the server's catalogue, so it cannot be played here.",
  denied: "The server does not let this device fetch this song.",
  too_large: "The file of this song is too large to be played in a browser.",
  unreachable: "This song cannot be fetched at the moment. It is tried again.",
};

/** `message` is a sentence for people; `track` is the URI of the one it is about, empty if it is about the device. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly track: string;
}

export function problemOf(code: ProblemCode, track = ""): Problem {
  return { code, message: SENTENCES[code], track };
}

/** A track that cannot be played here; trying again would end the same way. */
export class Unplayable extends Error {
  override readonly name: string = "Unplayable";

  constructor(readonly code: ProblemCode) {
    super(SENTENCES[code]);
  }
}
