/** Which entries others have just touched, and who: for a moment, so that eyes can follow. */

import type { Playlist } from "@tutti/client";
import { useEffect, useState } from "react";
import { uidOf } from "./entry.js";
import { touchedBy } from "./touched.js";

/** As long as it takes to look there. */
const SHOWN_MS = 2_400;

/** Users by uid. */
export function useChanged(playlist: Playlist): ReadonlyMap<string, string> {
  const [changed, setChanged] = useState<ReadonlyMap<string, string>>(() => new Map());
  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const stop = playlist.listen(event => {
      if (event.type !== "change" || event.own || event.author === "") {
        return;
      }
      const { entries } = playlist;
      const uids = touchedBy(event.op).flatMap(index => {
        const entry = entries[index];
        return entry === undefined ? [] : [uidOf(entry)];
      });
      const { author } = event;
      setChanged(all => new Map([...all, ...uids.map(uid => [uid, author] as const)]));
      const timer = setTimeout(() => {
        timers.delete(timer);
        setChanged(all => new Map([...all].filter(([uid]) => !uids.includes(uid))));
      }, SHOWN_MS);
      timers.add(timer);
    });
    return () => {
      stop();
      for (const timer of timers) {
        clearTimeout(timer);
      }
    };
  }, [playlist]);
  return changed;
}
