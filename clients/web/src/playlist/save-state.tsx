/** How far one's edits are: durable, under way, or waiting for a server that is away. Nothing else is called saved. */

import type { PlaylistSnapshot } from "@tutti/client";
import { useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import styles from "./heading.module.css";

const WORDS = STRINGS.playlist;

export function SaveState({ shown }: { shown: PlaylistSnapshot }) {
  const { isConnected } = useMe();
  if (shown.role === "viewer") {
    return <span className={styles["state"]}>{WORDS.viewer}</span>;
  }
  const state = shown.status === "durable" ? "saved" : isConnected ? "saving" : "waits";
  return (
    <span className={styles["state"]} data-state={state} role="status">
      {WORDS[state]}
    </span>
  );
}
