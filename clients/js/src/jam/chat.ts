/**
 * What people say to each other.
 *
 * Bounded in length, pace and number, stored with the Jam, and moderated: host and co-host may delete a message,
 * which keeps its place without its text. Text is kept as it was written; who shows it does so safely.
 */

import { chats, spend, waitMs } from "./limits.js";
import { found, put } from "./maps.js";
import { JamRefusal } from "./refusal.js";
import { becomes, isSteering, type Rules, type Steps } from "./rules.js";
import { roleOf } from "./state.js";
import { codePoints, stripped } from "./text.js";

export const TEXT_CODE_POINTS_MAX = 500;
/** Line feed and tabulator are the only control characters that belong into a text. */
const CONTROL = /[^\P{Cc}\n\t]/u;

export const RULES = {
  say(jam, command, by) {
    const text = stripped(command.text);
    if (!text || codePoints(text) > TEXT_CODE_POINTS_MAX || CONTROL.test(text)) {
      throw new JamRefusal("chat_invalid");
    }
    const retryAfterMs = waitMs(found(jam.members, by.user).chats, chats(jam.settings.limits), by.atMs);
    if (retryAfterMs) {
      throw new JamRefusal("too_many_messages", retryAfterMs);
    }
    return becomes(by, "said", { text });
  },

  delete_message(jam, { message: id }, by) {
    const message = jam.chat.find(message => message.id === id);
    if (message === undefined) {
      throw new JamRefusal("message_gone");
    }
    if (message.by !== by.user && !isSteering(roleOf(jam, by.user))) {
      throw new JamRefusal("forbidden");
    }
    return message.text ? becomes(by, "message_deleted", { message: id }) : null;
  },
} satisfies Partial<Rules>;

// -- what events make of it

export const STEPS = {
  said(jam, { at, by, text }) {
    const member = found(jam.members, by);
    const { limits } = jam.settings;
    const message = { id: jam.messages + 1, by, name: member.name, at, text };
    const after = { ...member, chats: spend(member.chats, chats(limits), at), active_at: at };
    return {
      ...jam,
      members: put(jam.members, by, after),
      messages: message.id,
      chat: [...jam.chat, message].slice(-limits.chat_tail),
    };
  },

  message_deleted(jam, { message: id }) {
    return {
      ...jam,
      chat: jam.chat.map(message => (message.id === id ? { ...message, text: "" } : message)),
    };
  },
} satisfies Partial<Steps>;
