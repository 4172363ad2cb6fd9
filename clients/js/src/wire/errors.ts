/**
 * What can go wrong between a client and a server, by who has to act.
 *
 *     TuttiError
 *     ├── PeerError      the other side sent what it must not
 *     │   ├── BadMessage     the bytes are not a message: the connection ends
 *     │   └── Refusal        one request is refused; the connection lives
 *     └── CallerError    our own interface misused: raised at once
 *
 * The SDK's own tree grows from this one, in `../errors.ts`. `SENTENCES` is for refusals that travel as a code
 * only; codes are stable, sentences may improve.
 */

import { memberOf } from "../ot/value.js";

/** Root of the tree. */
export class TuttiError extends Error {
  override readonly name: string = "TuttiError";
}

/** The other side sent what it must not. */
export class PeerError extends TuttiError {
  override readonly name: string = "PeerError";
}

/** Our interface was misused; the message says how. */
export class CallerError extends TuttiError {
  override readonly name: string = "CallerError";
}

/** A frame that is no message. `code` is stable, the text is one sentence. */
export class BadMessage extends PeerError {
  override readonly name: string = "BadMessage";

  constructor(
    readonly code: "malformed" | "too_large" | "too_deep" | "number_invalid",
    message: string,
  ) {
    super(message);
  }
}

/** One request is refused. `code` is stable; `detail` says more than its sentence. */
export class Refusal extends PeerError {
  override readonly name: string = "Refusal";

  constructor(
    readonly code: string,
    detail = "",
    readonly retryAfterMs = 0,
  ) {
    super(detail || sentenceOf(code));
  }
}

/** Refusals that an outcome can name, and that of what does not exist; those of Jams are in `jam-errors`. */
const SENTENCES: { readonly [code: string]: string } = {
  // about who asks
  not_found: "There is no such thing, or you may not see it.",
  forbidden: "Your role does not allow this.",
  // about the op
  op_malformed: "The op is not well formed.",
  op_too_large: "The op has more components than an op may have.",
  op_length: "The op is written for a list of another length.",
  op_drops: "The drops of the op do not partition its picks.",
  base_ahead: "The op's base is a version that does not exist yet.",
  base_gone: "The history since the op's base is no longer kept; open anew and submit again.",
  entry_invalid: "An entry or a field is not as the playlist's field table says.",
  uid_taken: "An entry with this uid exists already or existed before.",
  uid_foreign: "An entry's uid must begin with the submitter's client id.",
  unknown_track: "There is no such track here; choose one that this server's search finds.",
  playlist_full: "The playlist would hold more entries than it may.",
  attribute_invalid: "An attribute is not as the playlist's table says.",
};

/** What a refusal's code says to people, also for a code that this version does not know. */
export function sentenceOf(code: string): string {
  return memberOf(SENTENCES, code) ?? "The server refused this.";
}
