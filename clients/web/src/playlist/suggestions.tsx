/** Songs that would go well with a playlist, why, and how to take one. */

import {
  type Entry,
  type Playlist,
  type PlaylistSnapshot,
  reasonText,
  type Suggestion,
  type Track,
} from "@tutti/client";
import { Plus, RotateCw, X } from "lucide-react";
import { useMemo } from "react";
import { Button, IconButton } from "../design/button.js";
import { Loading } from "../design/empty.js";
import { useNotify } from "../design/notices.js";
import { useAttempt } from "../design/use-attempt.js";
import { sentenceOf } from "../sentence.js";
import { Artwork } from "../songs/artwork.js";
import { clockOf } from "../songs/times.js";
import { SUGGESTIONS as WORDS } from "../strings/suggestions.js";
import { STRINGS } from "../strings.js";
import { shownEntry } from "./entry.js";
import styles from "./suggestions.module.css";
import { useSuggestions } from "./use-suggestions.js";

const PICTURE_PX = 96;

export function Suggestions({
  playlist,
  shown,
  onClose,
}: {
  playlist: Playlist;
  shown: PlaylistSnapshot;
  onClose: () => void;
}) {
  const { found, isAsking, error, ask, take } = useSuggestions(playlist);
  const notify = useNotify();
  const attempt = useAttempt();
  const held = useMemo(() => new Set(shown.entries.map(entry => entry["track"])), [shown.entries]);
  const items = found?.items.filter(({ track }) => !held.has(entryOf(track)["track"])) ?? [];
  const isNothing = found !== null && items.length === 0 && !isAsking;

  function add({ track }: Suggestion): void {
    void attempt(() => {
      take(track);
      notify({
        words: WORDS.added(shownEntry(entryOf(track)).title),
        action: { label: STRINGS.undo, onChoose: () => playlist.undo() },
      });
    });
  }

  return (
    <section className={styles["suggestions"]} aria-labelledby="suggestions" aria-busy={isAsking}>
      <header className={styles["head"]}>
        <h2 id="suggestions">{WORDS.title}</h2>
        <IconButton label={WORDS.again} isBusy={isAsking} onClick={ask}>
          <RotateCw aria-hidden="true" />
        </IconButton>
        <IconButton label={WORDS.hide} onClick={onClose}>
          <X aria-hidden="true" />
        </IconButton>
      </header>
      <p className="unseen" role="status">
        {found === null || isAsking ? WORDS.looking : isNothing ? WORDS.nothing : WORDS.found(items.length)}
      </p>
      {error !== null ? (
        <div className={styles["word"]}>
          <p role="alert">
            <strong>{WORDS.failed}.</strong> {sentenceOf(error)}
          </p>
          <Button onClick={ask}>{STRINGS.tryAgain}</Button>
        </div>
      ) : found === null ? (
        <Loading label={WORDS.looking} rows={3} />
      ) : null}
      {isNothing && error === null && (
        <div className={styles["word"]}>
          <p>
            <strong>{WORDS.nothing}.</strong> {found.isComplete ? WORDS.nothingLead : WORDS.reading}
          </p>
        </div>
      )}
      <ul>
        {items.map(suggestion => (
          <Suggested
            key={String(entryOf(suggestion.track)["track"])}
            suggestion={suggestion}
            onAdd={() => add(suggestion)}
          />
        ))}
      </ul>
    </section>
  );
}

function Suggested({ suggestion: { track, reasons }, onAdd }: { suggestion: Suggestion; onAdd: () => void }) {
  const { title, artists, durationMs } = shownEntry(entryOf(track));
  const [strongest] = reasons;
  return (
    <li className={styles["song"]}>
      <Artwork track={entryOf(track)} widthPx={PICTURE_PX} className={styles["picture"] ?? ""} />
      <span className={styles["words"]}>
        <span className={styles["title"]}>{title}</span>
        <span className={styles["artists"]}>{artists}</span>
        {strongest !== undefined && <span className={styles["reason"]}>{reasonText(strongest)}</span>}
      </span>
      <span className={styles["duration"]}>{durationMs === null ? "" : clockOf(durationMs)}</span>
      <IconButton label={WORDS.add(title)} onClick={onAdd}>
        <Plus aria-hidden="true" />
      </IconButton>
    </li>
  );
}

/** A track may be its bare URI. */
function entryOf(track: Track): Entry {
  return typeof track === "string" ? { track } : (track as Entry);
}
