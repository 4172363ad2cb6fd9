/**
 * Playlists and Jams in React.
 *
 *     const { view: playlist, error } = usePlaylist(tutti, id);
 *     const shown = useShown(playlist);
 *
 * Hooks over `subscribe` and `getSnapshot`; React is the app's own. Knows React's life cycles. Does not know what is
 * shown.
 */

import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { TuttiSnapshot } from "./client.js";
import type { Jam, JamSnapshot } from "./jam.js";
import type { Playlist, PlaylistSnapshot } from "./playlist.js";
import { SearchBox, type Searched, type SearchSnapshot } from "./search-box.js";
import type { Tutti } from "./tutti.js";

/** What can be shown: a client, a playlist, a Jam, a player. */
export interface Shown<S> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => S;
}

const nothing = {
  subscribe: () => () => undefined,
  getSnapshot: () => null,
};

/** Its snapshot of this moment; the component is drawn again when there is another. Null for null. */
export function useShown<S>(shown: Shown<S>): S;
export function useShown<S>(shown: Shown<S> | null): S | null;
export function useShown<S>(shown: Shown<S> | null): S | null {
  const { subscribe, getSnapshot } = shown ?? nothing;
  return useSyncExternalStore<S | null>(subscribe, getSnapshot, getSnapshot);
}

/** How the client stands: who we are, whether the server is there, what went wrong for good. */
export function useTutti(tutti: Tutti): TuttiSnapshot {
  return useShown(tutti);
}

/** `view` is null until it is loaded; `error` says why it never will be. */
export interface Opening<V> {
  readonly view: V | null;
  readonly error: unknown;
}

/** The playlist with this id, open as long as a component asks for it. */
export function usePlaylist(
  tutti: Tutti,
  id: string,
): Opening<Playlist> & { shown: PlaylistSnapshot | null } {
  const opening = useOpening(tutti, id, () => tutti.openPlaylist(id));
  return { ...opening, shown: useShown(opening.view) };
}

/** The Jam with this id, which we are a member of. */
export function useJam(tutti: Tutti, id: string): Opening<Jam> & { shown: JamSnapshot | null } {
  const opening = useOpening(tutti, id, () => tutti.openJam(id));
  return { ...opening, shown: useShown(opening.view) };
}

/** What a search field shows, and what to call when something is typed into it. */
export interface Searching {
  readonly shown: SearchSnapshot;
  readonly type: (text: string) => void;
  readonly retry: () => void;
}

/** Searches the server's catalogue as one types, as long as the component is there. */
export function useSearch(tutti: Searched, limit?: number): Searching {
  const { box, calls } = useMemo(() => boxOf(tutti, limit), [tutti, limit]);
  useEffect(() => () => box.close(), [box]);
  return { ...calls, shown: useShown(box) };
}

/** With calls that stay the same functions. */
function boxOf(tutti: Searched, limit?: number) {
  const box = new SearchBox(tutti, limit === undefined ? {} : { limit });
  return { box, calls: { type: (text: string) => box.type(text), retry: () => box.retry() } };
}

/**
 * It stays open when the component goes: others may show it, and what was edited in it is still to be saved. `close`
 * is the app's word.
 */
function useOpening<V>(tutti: Tutti, id: string, open: () => Promise<V>): Opening<V> {
  const [opening, setOpening] = useState<Opening<V> & { of: string }>({ view: null, error: null, of: id });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `open` is another function each time, for the same id
  useEffect(() => {
    let isWanted = true;
    const settle = (view: V | null, error: unknown) => isWanted && setOpening({ view, error, of: id });
    open().then(
      view => settle(view, null),
      error => settle(null, error),
    );
    return () => {
      isWanted = false;
    };
  }, [tutti, id]);
  return opening.of === id ? opening : { view: null, error: null };
}
