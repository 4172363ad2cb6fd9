/** Who changed what around the version that is shown; on a phone that one alone. */

import type { PastVersion } from "@tutti/client";
import { ArrowDownUp, Minus, PencilLine, Plus } from "lucide-react";
import { Avatar } from "../design/avatar.js";
import { useVoices } from "../design/use-voices.js";
import { agoOf } from "../songs/times.js";
import { HISTORY as WORDS } from "../strings/history.js";
import styles from "./moments.module.css";
import type { PastSnapshot } from "./past.js";
import { deedsOf, nameOf, titleOf, wayOf } from "./told.js";

/** So many to either side of the one that is shown. */
const AROUND = 4;
const CHANGES_SHOWN = 6;
const ICONS = { added: Plus, removed: Minus, moved: ArrowDownUp, edited: PencilLine } as const;

export function Moments({
  past: { at, first, newest, told },
  nowMs,
  onLook,
}: {
  past: PastSnapshot;
  nowMs: number;
  onLook: (version: number) => void;
}) {
  const voiceOf = useVoices();
  const top = Math.min(newest, Math.max(at + AROUND, first + 1 + 2 * AROUND));
  const shown: PastVersion[] = [];
  for (let version = top; version > first && version >= top - 2 * AROUND; version -= 1) {
    const known = told.get(version);
    if (known !== undefined) {
      shown.push(known);
    }
  }
  return (
    <section className={styles["moments"]} aria-labelledby="around">
      <h2 id="around">{WORDS.around}</h2>
      <ol>
        {shown.map(version => (
          <li
            key={version.version}
            aria-current={version.version === at || undefined}
            style={voiceOf(version.author.id)}
          >
            <button type="button" onClick={() => onLook(version.version)}>
              <Avatar user={version.author.id} name={nameOf(version)} label="" size="s" />
              <span className={styles["said"]}>
                <strong>{nameOf(version)}</strong> {deedsOf(version)}
              </span>
              <span className={styles["when"]}>{agoOf(version.atMs, nowMs)}</span>
            </button>
            {version.version === at && <Changes version={version} />}
          </li>
        ))}
        {at === first && (
          <li className={styles["beginning"]}>{first === 0 ? WORDS.beginning : WORDS.gone}</li>
        )}
      </ol>
    </section>
  );
}

function Changes({ version: { version, changes, counts } }: { version: PastVersion }) {
  const shown = changes.slice(0, CHANGES_SHOWN);
  const more = Object.values(counts).reduce((sum, count) => sum + count, 0) - shown.length;
  return (
    <ul className={styles["changes"]}>
      {shown.map(change => {
        const Icon = ICONS[change.change as keyof typeof ICONS] ?? PencilLine;
        return (
          <li key={`${version} ${change.change} ${String(change.entry["uid"])}`}>
            <Icon aria-hidden="true" />
            <span className={styles["song"]}>{titleOf(change)}</span>
            <span className={styles["way"]}>{wayOf(change)}</span>
          </li>
        );
      })}
      {more > 0 && <li className={styles["way"]}>{WORDS.more(more)}</li>}
    </ul>
  );
}
