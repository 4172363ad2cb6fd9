/** What this browser does without, said once and kindly: who has read it is not told again. */

import type { Lack, LackCode } from "@tutti/client/player";
import { useState } from "react";
import { Button } from "../design/button.js";
import { STRINGS } from "../strings.js";
import styles from "./sound-control.module.css";

const WORDS = STRINGS.jam.sound;
const READ_KEPT_AS = "tutti:lacks-read";
/** What somebody who listens may notice. The rest costs microseconds, or is another page's to say. */
const NOTICED: readonly LackCode[] = [
  "no_web_audio",
  "no_secure_context",
  "no_output_latency",
  "no_output_timestamp",
  "no_wake_lock",
];

export function Lacks({ lacks }: { lacks: readonly Lack[] }) {
  const [read, setRead] = useState(keptRead);
  const unread = lacks.filter(({ code }) => NOTICED.includes(code) && !read.includes(code));
  if (unread.length === 0) {
    return null;
  }

  function understand(): void {
    const codes = [...read, ...unread.map(({ code }) => code)];
    setRead(codes);
    try {
      localStorage.setItem(READ_KEPT_AS, codes.join(" "));
    } catch {
      // It is said again on the next page.
    }
  }

  return (
    <section className={styles["lacks"]} aria-label={WORDS.lacks}>
      <ul>
        {unread.map(({ code, message }) => (
          <li key={code}>{message}</li>
        ))}
      </ul>
      <Button onClick={understand}>{WORDS.understood}</Button>
    </section>
  );
}

function keptRead(): readonly string[] {
  try {
    return (localStorage.getItem(READ_KEPT_AS) ?? "").split(" ");
  } catch {
    return [];
  }
}
