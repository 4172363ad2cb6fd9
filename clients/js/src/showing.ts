/**
 * What the people in a Jam show of themselves.
 *
 * Everybody has one small state that others see: under `sync` how their device keeps up, beside it that they
 * type, and their last reaction with a number, so that the same one twice is two. Newest wins and nothing of it is
 * kept. What others show is theirs: what is not as it should be is not there.
 */

import type { Reacted } from "./events.js";
import { isText } from "./ot/value.js";
import { shownMap } from "./roster.js";
import { CallerError } from "./wire/errors.js";
import type { Body, Member } from "./wire/messages.js";

/** A face, a word; what others show is cut to it. */
export const REACTION_CODE_POINTS_MAX = 32;

/** See the module. `sync` and `typing` are ours. */
export class Showing {
  sync: Body = {};
  typing = false;
  #reaction: Body | null = null;
  #reactions = 0;
  /** By member id, the number of the last reaction that was seen. */
  #seen = new Map<string, number>();

  /** Throws CallerError for what is too long, nothing, or no text. */
  react(text: string): void {
    const length = [...text].length;
    if (!isText(text) || length === 0 || length > REACTION_CODE_POINTS_MAX) {
      throw new CallerError(`A reaction has 1 to ${REACTION_CODE_POINTS_MAX} characters.`);
    }
    this.#reactions += 1;
    this.#reaction = { text, number: this.#reactions };
  }

  /** All that we show. */
  state(): Body {
    return {
      ...(Object.keys(this.sync).length > 0 && { sync: this.sync }),
      ...(this.#reaction !== null && { reaction: this.#reaction }),
      ...(this.typing && { typing: true }),
    };
  }

  /** Those that are new. Of somebody who was not here before, the last one is old. */
  reactionsOf(members: Iterable<Member>): Reacted[] {
    const seen = this.#seen;
    this.#seen = new Map();
    const reacted: Reacted[] = [];
    for (const member of members) {
      const { text, number } = reactionOf(member);
      this.#seen.set(member.id, number);
      const last = seen.get(member.id);
      if (last !== undefined && number > last) {
        const cut = [...text].slice(0, REACTION_CODE_POINTS_MAX).join("");
        reacted.push({ type: "reacted", user: member.user, text: cut });
      }
    }
    return reacted;
  }
}

/** The users who type. */
export function typists(members: Iterable<Member>): ReadonlySet<string> {
  return new Set([...members].filter(({ state }) => state["typing"] === true).map(({ user }) => user));
}

function reactionOf(member: Member): { text: string; number: number } {
  const { text, number } = shownMap(member.state, "reaction");
  return typeof text === "string" && typeof number === "number" ? { text, number } : { text: "", number: 0 };
}
