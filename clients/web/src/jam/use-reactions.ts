/** The reactions of the last moments, to be drawn as they rise. */

import type { Jam } from "@tutti/client";
import { useEffect, useRef, useState } from "react";

/** As long as one is seen to rise; and more at once are a cloud. */
const RISES_MS = 2_200;
const SHOWN_MAX = 24;

/** `place` is where it rises, per cent of the width. */
export interface Rising {
  readonly key: number;
  readonly text: string;
  readonly place: number;
}

export function useReactions(jam: Jam): readonly Rising[] {
  const [rising, setRising] = useState<readonly Rising[]>([]);
  const made = useRef(0);
  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const stop = jam.listen(event => {
      if (event.type !== "reacted") {
        return;
      }
      made.current += 1;
      const key = made.current;
      // Beside the one before, so that two at once are two.
      setRising(all => [...all, { key, text: event.text, place: (key * 37) % 90 }].slice(-SHOWN_MAX));
      const timer = setTimeout(() => {
        timers.delete(timer);
        setRising(all => all.filter(one => one.key !== key));
      }, RISES_MS);
      timers.add(timer);
    });
    return () => {
      stop();
      for (const timer of timers) {
        clearTimeout(timer);
      }
    };
  }, [jam]);
  return rising;
}
