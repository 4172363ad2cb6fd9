/** Says once that the server has a newer app. Looked for when the server comes back, and when the page does. */

import { useEffect, useRef } from "react";
import { useNotify } from "../design/notices.js";
import { STRINGS } from "../strings.js";
import { isLoadingAnew } from "./missing-part.js";
import { isOutdated } from "./newer.js";

/** Pages are hidden and shown all the time. */
const AGAIN_MS = 60_000;

export function useNewer(isConnected: boolean): void {
  const notify = useNotify();
  const lookedAt = useRef(Number.NEGATIVE_INFINITY);
  const wasAway = useRef(false);

  useEffect(() => {
    async function look(): Promise<void> {
      lookedAt.current = performance.now();
      if ((await isOutdated()) && !isLoadingAnew()) {
        notify({
          words: STRINGS.shell.newer,
          stays: true,
          action: { label: STRINGS.reload, onChoose: () => window.location.reload() },
        });
      }
    }
    function shown(): void {
      if (document.visibilityState === "visible" && performance.now() - lookedAt.current > AGAIN_MS) {
        void look();
      }
    }
    if (!isConnected) {
      wasAway.current = true;
    } else if (wasAway.current) {
      wasAway.current = false;
      void look();
    }
    document.addEventListener("visibilitychange", shown);
    return () => document.removeEventListener("visibilitychange", shown);
  }, [isConnected, notify]);
}
