/**
 * What lies before the page: the dialog that is open, of several the last.
 *
 * What floats is drawn in it, as all behind it is inert: it could neither be seen clearly nor be pressed there.
 */

import { type RefObject, useLayoutEffect, useSyncExternalStore } from "react";

let open: readonly HTMLElement[] = [];
const listeners = new Set<() => void>();

/** This element lies before the page as long as the component is drawn. */
export function useAsForeground(element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) {
      return undefined;
    }
    change([...open, current]);
    return () => change(open.filter(each => each !== current));
  }, [element]);
}

/** Null: the page itself is in front. */
export function useForeground(): HTMLElement | null {
  return useSyncExternalStore(subscribe, () => open.at(-1) ?? null);
}

function change(next: readonly HTMLElement[]): void {
  open = next;
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
