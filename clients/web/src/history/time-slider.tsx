/**
 * The past as a staff on which every version is a note, in the colour of who made it: what was added stands high, what
 * was removed low. Under it lies the browser's own slider, so that fingers, keys and screen readers know it.
 */

import { ChevronLeft, ChevronRight } from "lucide-react";
import { IconButton } from "../design/button.js";
import { useVoices } from "../design/use-voices.js";
import { agoOf } from "../songs/times.js";
import { HISTORY as WORDS } from "../strings/history.js";
import type { PastSnapshot } from "./past.js";
import styles from "./time-slider.module.css";
import { deedsOf, mainlyOf, nameOf } from "./told.js";

/** More notes than this side by side are a smear: of a longer past every second is drawn, every third, … */
const NOTES_MAX = 120;

export function TimeSlider({
  past,
  nowMs,
  onLook,
}: {
  past: PastSnapshot;
  nowMs: number;
  onLook: (version: number) => void;
}) {
  const { at, first, newest } = past;
  return (
    <div className={styles["slider"]}>
      <IconButton label={WORDS.older} disabled={at <= first} onClick={() => onLook(at - 1)}>
        <ChevronLeft aria-hidden="true" />
      </IconButton>
      <div className={styles["staff"]}>
        <Notes past={past} />
        <input
          type="range"
          min={first}
          max={newest}
          step="1"
          value={at}
          disabled={first === newest}
          aria-label={WORDS.slider}
          aria-valuetext={saidOf(past, nowMs)}
          onChange={event => onLook(Number(event.target.value))}
        />
      </div>
      <IconButton label={WORDS.newer} disabled={at >= newest} onClick={() => onLook(at + 1)}>
        <ChevronRight aria-hidden="true" />
      </IconButton>
    </div>
  );
}

function Notes({ past: { first, newest, told, at } }: { past: PastSnapshot }) {
  const voiceOf = useVoices();
  const span = Math.max(1, newest - first);
  const every = Math.ceil(span / NOTES_MAX);
  const drawn = [...told.values()].filter(({ version }) => version % every === 0 || version === at);
  return (
    <div className={styles["notes"]} aria-hidden="true">
      {drawn.map(version => (
        <span
          key={version.version}
          data-kind={mainlyOf(version)}
          style={{ ...voiceOf(version.author.id), left: `${(100 * (version.version - first)) / span}%` }}
        />
      ))}
    </div>
  );
}

/** What a screen reader says where the slider stands. */
function saidOf({ at, first, newest, told }: PastSnapshot, nowMs: number): string {
  const version = told.get(at);
  const place = at === first ? WORDS.beginning : WORDS.versionOf(at, newest);
  return version === undefined
    ? place
    : `${place}, ${agoOf(version.atMs, nowMs)}: ${WORDS.by(nameOf(version), deedsOf(version))}`;
}
