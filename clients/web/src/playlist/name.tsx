/** The playlist's name, which is changed where it stands. */

import type { Playlist } from "@tutti/client";
import { type KeyboardEvent, useState } from "react";
import { useAttempt } from "../design/use-attempt.js";
import { STRINGS } from "../strings.js";
import styles from "./heading.module.css";

export function Name({ playlist, name, canEdit }: { playlist: Playlist; name: string; canEdit: boolean }) {
  // What is typed, until it is done; what others call it meanwhile comes after.
  const [typed, setTyped] = useState<string | null>(null);
  const attempt = useAttempt();
  if (!canEdit) {
    return <h1 className={styles["name"]}>{name}</h1>;
  }

  function done(): void {
    const wanted = typed?.trim() ?? "";
    setTyped(null);
    if (wanted === "" || wanted === name) {
      return;
    }
    void attempt(() => playlist.setAttribute("name", wanted));
  }

  function press(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === "Enter") {
      event.currentTarget.blur();
    } else if (event.key === "Escape") {
      setTyped(null);
      event.currentTarget.blur();
    }
  }

  return (
    <>
      <h1 className="unseen">{name}</h1>
      <input
        className={styles["name"]}
        aria-label={STRINGS.playlist.rename}
        value={typed ?? name}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onFocus={() => setTyped(name)}
        onChange={event => setTyped(event.target.value)}
        onBlur={done}
        onKeyDown={press}
      />
    </>
  );
}
