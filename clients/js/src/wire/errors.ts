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

/** Refusals that an outcome can name, and that of what does not exist. */
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
  playlist_full: "The playlist would hold more entries than it may.",
  attribute_invalid: "An attribute is not as the playlist's table says.",
  // about a Jam's command
  command_malformed: "This is no command of a Jam.",
  old_reign: "Somebody else has become host since; look at who steers now.",
  jam_ended: "This Jam is over.",
  jam_full: "This Jam is full.",
  host_leaves: "The host hands the Jam over or ends it before leaving.",
  member_gone: "There is no such person in this Jam.",
  other_play: "Another song plays by now.",
  seek_beyond: "The song has no such position.",
  setting_invalid: "The Jam has no such setting, or it cannot be that.",
  chat_invalid: "This is no message that a Jam takes.",
  too_many_messages: "You write too fast; wait a little.",
  message_gone: "There is no such message (any more).",
  key_invalid: "This code or link opens no Jam; look at it again, or ask for a new one.",
  // about a Jam's queue
  entry_gone: "This entry is not in the queue (any more).",
  entry_fixed: "This entry cannot be put elsewhere now.",
  already_playing: "This song plays now.",
  recently_played: "This song was played not long ago; host or co-host may override.",
  queue_full: "The queue holds as many songs as it may.",
  song_too_long: "This song is longer than a guest's may be here.",
  too_many_waiting: "As many of your songs wait as may; add more when one has played.",
  too_many_adds: "You add too fast; wait a little.",
  too_many_votes: "You vote too fast; wait a little.",
  votes_frozen: "The host has frozen the votes.",
  down_votes_off: "In this Jam one votes for songs, not against them.",
  not_by_hand: "In this Jam votes put the queue in order, not hands.",
  skip_too_early: "The song has only begun; listen a little.",
  skip_vetoed: "Host or co-host want this song to be heard.",
};

/** What a refusal's code says to people, also for a code that this version does not know. */
export function sentenceOf(code: string): string {
  return (Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined) ?? "The server refused this.";
}
