/**
 * The colours of people, for components.
 *
 * The page whose people are here says who they are; whatever is drawn in somebody's colour asks for it, and is drawn
 * again when it is another one. One table for the page, so that somebody is the same in every corner of it.
 */

import { type CSSProperties, useCallback, useLayoutEffect, useSyncExternalStore } from "react";
import { deal, voiceOf } from "./voice.js";

let dealt: ReadonlyMap<string, number> = new Map();
const listeners = new Set<() => void>();

/** These are here, whoever looks at it among them. */
export function useVoicesOf(users: readonly string[], us: string): void {
  // By what they say, as the list is another one each time.
  const said = users.join(" ");
  useLayoutEffect(() => {
    // Who looks is dealt theirs first: to themselves they look the same everywhere.
    const present = [us, ...said.split(" ").filter(user => user !== "" && user !== us)];
    const next = deal([...new Set(present)], dealt);
    const isSame = next.size === dealt.size && [...next].every(([user, hue]) => dealt.get(user) === hue);
    if (!isSame) {
      dealt = next;
      for (const listener of listeners) {
        listener();
      }
    }
  }, [said, us]);
}

/** What an element takes to be drawn in somebody's colour. */
export function useVoices(): (user: string) => CSSProperties {
  const hues = useSyncExternalStore(subscribe, table);
  return useCallback(user => voiceOf(user, hues.get(user)), [hues]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function table(): ReadonlyMap<string, number> {
  return dealt;
}
