/**
 * Where songs come from: found in the server's catalogue while one types, or in links that one pastes.
 *
 * Knows searching. Where a song goes is its caller's.
 */

import { artworkUrl, type FoundTrack, type Track } from "@tutti/client";
import { useSearch } from "@tutti/client/react";
import { Music2, Plus, Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button, IconButton } from "../design/button.js";
import { Field } from "../design/field.js";
import { sentenceOf } from "../sentence.js";
import { useHere } from "../session/here.js";
import { STRINGS } from "../strings.js";
import styles from "./add-songs.module.css";
import { tracksIn } from "./links.js";
import { clockOf } from "./times.js";

const WORDS = STRINGS.addSongs;
const SHOWN_MAX = 8;
const PICTURE_PX = 96;

/** `onAdd` is given what somebody chose; it shows what became of it. */
export function AddSongs({ onAdd }: { onAdd: (tracks: readonly Track[]) => void }) {
  const { tutti } = useHere();
  const { shown, type, retry } = useSearch(tutti, SHOWN_MAX);
  const [typed, setTyped] = useState("");
  const pasted = tracksIn(typed);

  function changeTo(text: string): void {
    setTyped(text);
    type(tracksIn(text).length > 0 ? "" : text);
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (pasted.length > 0) {
      onAdd(pasted);
      changeTo("");
    }
  }

  const isSearching = typed.trim() !== "" && pasted.length === 0;
  return (
    <div className={styles["search"]}>
      <form onSubmit={submit} role="search">
        <Field
          label={WORDS.label}
          isLabelShown={false}
          placeholder={WORDS.placeholder}
          value={typed}
          onChange={event => changeTo(event.target.value)}
          onKeyDown={event => event.key === "Escape" && changeTo("")}
          spellCheck={false}
          type="search"
          enterKeyHint="search"
          end={
            pasted.length > 0 ? (
              <Button type="submit" weight="primary" icon={<Plus aria-hidden="true" />}>
                {WORDS.pasted(pasted.length)}
              </Button>
            ) : (
              <Search aria-hidden="true" className={styles["glass"]} />
            )
          }
        />
      </form>
      {isSearching && (
        <div className={styles["found"]}>
          <p className="unseen" role="status">
            {WORDS.count(shown.items.length)}
          </p>
          {shown.error !== null && (
            <p className={styles["word"]}>
              {sentenceOf(shown.error)} <Button onClick={retry}>{STRINGS.tryAgain}</Button>
            </p>
          )}
          {shown.error === null && shown.items.length === 0 && !shown.isSearching && (
            <p className={styles["word"]}>
              <strong>{WORDS.nothing}</strong> {WORDS.nothingLead}
            </p>
          )}
          <ul>
            {shown.items.map(found => (
              <Found key={uriOf(found)} found={found} onAdd={() => onAdd([found.track])} />
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Found({ found, onAdd }: { found: FoundTrack; onAdd: () => void }) {
  const { title, artists, duration_ms: durationMs } = found.track;
  const picture = artworkUrl(found, PICTURE_PX);
  return (
    <li className={styles["song"]}>
      {picture === "" ? (
        <span className={styles["picture"]} aria-hidden="true">
          <Music2 />
        </span>
      ) : (
        <img className={styles["picture"]} src={picture} alt="" loading="lazy" />
      )}
      <span className={styles["words"]}>
        <span className={styles["title"]}>{String(title ?? uriOf(found))}</span>
        <span className={styles["artists"]}>{Array.isArray(artists) ? artists.join(", ") : ""}</span>
      </span>
      <span className={styles["duration"]}>{typeof durationMs === "number" ? clockOf(durationMs) : ""}</span>
      <IconButton label={WORDS.add(String(title ?? ""))} onClick={onAdd}>
        <Plus aria-hidden="true" />
      </IconButton>
    </li>
  );
}

function uriOf({ track }: FoundTrack): string {
  return String(track["track"]);
}
