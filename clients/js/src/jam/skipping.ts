/**
 * When people want the next song.
 *
 * Everybody who is asked may press; when enough have, a countdown runs in which host or co-host may stop it. Who
 * added the song may withdraw it alone, at once. All name the play they mean: two presses never skip two songs.
 */

import { memberOf } from "../ot/value.js";
import { advanced } from "./advancing.js";
import { put, without } from "./maps.js";
import { checkPlay } from "./playback.js";
import { electorate, isReached } from "./quorum.js";
import { JamRefusal } from "./refusal.js";
import { becomes, type Rules, type Steps } from "./rules.js";

export const RULES = {
  skip(jam, { play, value }, by) {
    const { skip, timeline } = jam;
    const { skip_quiet_ms, skip_countdown_ms } = jam.settings.times;
    checkPlay(jam, play);
    if (value && memberOf(jam.entries, timeline.entry)?.added_by === by.user) {
      return advanced(jam, by, "withdrawn");
    }
    if (skip.vetoed) {
      throw new JamRefusal("skip_vetoed");
    }
    const quietMs = timeline.started_at + skip_quiet_ms - by.atMs;
    if (quietMs > 0) {
      throw new JamRefusal("skip_too_early", quietMs);
    }
    const voters = new Set(Object.keys(skip.voters));
    const changes = voters.has(by.user) !== value;
    voters[value ? "add" : "delete"](by.user);
    // Who presses is awake, whatever was known of them.
    const enough = isReached(voters, electorate(jam, by.atMs).add(by.user));
    const due_at = enough ? skip.due_at || by.atMs + skip_countdown_ms : 0;
    return changes || due_at !== skip.due_at ? becomes(by, "skip_voted", { play, value, due_at }) : null;
  },

  veto(jam, { play }, by) {
    checkPlay(jam, play);
    return jam.skip.due_at ? becomes(by, "vetoed", { play }) : null;
  },
} satisfies Partial<Rules>;

// -- what events make of it

export const STEPS = {
  skip_voted(jam, { at, by, value, due_at }) {
    const others = without(jam.skip.voters, by);
    return { ...jam, skip: { ...jam.skip, voters: value ? put(others, by, at) : others, due_at } };
  },

  vetoed: jam => ({ ...jam, skip: { voters: {}, due_at: 0, vetoed: true } }),
} satisfies Partial<Steps>;
