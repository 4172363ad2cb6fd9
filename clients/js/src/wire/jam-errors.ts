/**
 * What refusals of a Jam's commands say to people.
 *
 * Apart from the others, because who only edits playlists need not load them.
 */

import { memberOf } from "../ot/value.js";
import { sentenceOf } from "./errors.js";

const SENTENCES: { readonly [code: string]: string } = {
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

/** As `sentenceOf`, of what a Jam may refuse. */
export function jamSentenceOf(code: string): string {
  return memberOf(SENTENCES, code) ?? sentenceOf(code);
}
