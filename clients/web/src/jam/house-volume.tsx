/** How loud the Jam is on every device that plays it; each may be softer by itself. */

import type { Jam } from "@tutti/client";
import { useState } from "react";
import { useAttempt } from "../design/use-attempt.js";
import { STRINGS } from "../strings.js";
import styles from "./jam-settings.module.css";

export function HouseVolume({ jam, volume }: { jam: Jam; volume: number }) {
  // Said when it is let go: everybody hears of each.
  const [drawn, setDrawn] = useState<number | null>(null);
  const attempt = useAttempt();

  async function settle(): Promise<void> {
    if (drawn !== null && drawn !== volume) {
      await attempt(() => jam.set({ volume: drawn }));
    }
    setDrawn(null);
  }

  return (
    <label className={styles["volume"]}>
      {STRINGS.jam.volume}
      <input
        type="range"
        min="0"
        max="100"
        value={drawn ?? volume}
        onChange={event => setDrawn(Number(event.target.value))}
        onPointerUp={() => void settle()}
        onKeyUp={() => void settle()}
        onBlur={() => void settle()}
      />
    </label>
  );
}
