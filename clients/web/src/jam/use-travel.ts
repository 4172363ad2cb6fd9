/**
 * A list whose items are seen to travel when their order changes.
 *
 * Each is drawn where it was and let go to where it is (first, last, invert, play). Knows elements with `data-id`.
 */

import { type RefObject, useLayoutEffect, useRef } from "react";

/** `order` is another text whenever the items stand in another order. */
export function useTravel<E extends HTMLElement>(order: string): RefObject<E | null> {
  const list = useRef<E>(null);
  const tops = useRef(new Map<string, number>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the order that makes them travel
  useLayoutEffect(() => {
    const now = new Map<string, number>();
    const travelMs = milliseconds(getComputedStyle(document.documentElement).getPropertyValue("--travel"));
    for (const item of list.current?.querySelectorAll<HTMLElement>(":scope > [data-id]") ?? []) {
      const id = item.dataset["id"] ?? "";
      now.set(id, item.offsetTop);
      const before = tops.current.get(id);
      if (before !== undefined && before !== item.offsetTop && travelMs > 0) {
        item.animate([{ transform: `translateY(${before - item.offsetTop}px)` }, { transform: "none" }], {
          duration: travelMs,
          easing: "cubic-bezier(0.2, 0.75, 0.2, 1)",
        });
      }
    }
    tops.current = now;
  }, [order]);
  return list;
}

function milliseconds(text: string): number {
  const number = Number.parseFloat(text) || 0;
  return /[^m]s\s*$/.test(text) ? number * 1000 : number;
}
