/**
 * A list as it was, marked by what became of it, and below it what came later.
 *
 * Any number of rows, of which those in sight are drawn. Only to be read.
 */

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import type { Entry } from "@tutti/client";
import { ArrowDownUp, Minus, Plus } from "lucide-react";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { Avatar } from "../design/avatar.js";
import { shownEntry, uidOf } from "../playlist/entry.js";
import cells from "../playlist/entry-row.module.css";
import { clockOf } from "../songs/times.js";
import { HISTORY as WORDS } from "../strings/history.js";
import { STRINGS } from "../strings.js";
import type { Compared } from "./compare.js";
import styles from "./past-list.module.css";

/** Height of a row, px; `--row` says the same to the style sheet. */
const ROW_PX = 60;
const BEYOND = 10;

export function PastList({
  entries,
  compared,
  isOld,
  nameOf,
}: {
  entries: readonly Entry[];
  compared: Compared;
  /** Another version is being fetched: this one fades. */
  isOld: boolean;
  nameOf: (user: string) => string;
}) {
  const rows = useMemo(
    () => [...entries, ...(compared.later.length > 0 ? [null] : []), ...compared.later],
    [entries, compared],
  );
  const list = useRef<HTMLDivElement>(null);
  const [offsetPx, setOffset] = useState(0);
  // What stands above it grows and shrinks with what it tells.
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0));
  const drawn = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
    scrollMargin: offsetPx,
    getItemKey: index => keyOf(rows[index], index),
  });
  return (
    <div
      ref={list}
      role="list"
      aria-label={WORDS.listThen}
      aria-busy={isOld}
      className={styles["list"]}
      style={{ height: `${drawn.getTotalSize()}px` }}
    >
      {drawn.getVirtualItems().map(({ key, index, start }) => {
        const entry = rows[index];
        const style = { transform: `translateY(${start - offsetPx}px)` };
        if (entry === null || entry === undefined) {
          return (
            <div key={key} role="listitem" className={styles["later"]} style={style}>
              <h3>{WORDS.came(compared.later.length)}</h3>
            </div>
          );
        }
        const isLater = index > entries.length;
        return (
          <div
            key={key}
            role="listitem"
            aria-posinset={isLater ? index : index + 1}
            aria-setsize={entries.length + compared.later.length}
            data-became={becomeOf(entry, compared, isLater)}
            className={styles["row"]}
            style={style}
          >
            <Row entry={entry} place={isLater ? null : index + 1} compared={compared} nameOf={nameOf} />
          </div>
        );
      })}
    </div>
  );
}

function Row({
  entry,
  place,
  compared,
  nameOf,
}: {
  entry: Entry;
  place: number | null;
  compared: Compared;
  nameOf: (user: string) => string;
}) {
  const { uid, title, artists, album, durationMs, addedBy } = shownEntry(entry);
  const elsewhere = compared.elsewhere.get(uid);
  return (
    <>
      <span className={cells["number"]}>{place}</span>
      <span className={cells["song"]}>
        <span className={cells["title"]}>{title}</span>
        <span className={cells["artists"]}>{artists}</span>
      </span>
      <span className={cells["album"]}>{album}</span>
      <span className={cells["added"]}>
        {addedBy !== "" && (
          <Avatar
            user={addedBy}
            name={nameOf(addedBy)}
            label={STRINGS.playlist.addedBy(nameOf(addedBy))}
            size="s"
          />
        )}
      </span>
      <span className={cells["duration"]}>{durationMs === null ? "" : clockOf(durationMs)}</span>
      <span className={styles["mark"]}>
        {place === null ? (
          <>
            <Plus aria-hidden="true" />
            {WORDS.isLater}
          </>
        ) : compared.gone.has(uid) ? (
          <>
            <Minus aria-hidden="true" />
            {WORDS.isGone}
          </>
        ) : elsewhere === undefined ? null : (
          <>
            <ArrowDownUp aria-hidden="true" />
            <span aria-hidden="true">{WORDS.isElsewhere(elsewhere + 1)}</span>
            <span className="unseen">{WORDS.isElsewhereInFull(elsewhere + 1)}</span>
          </>
        )}
      </span>
    </>
  );
}

function becomeOf(entry: Entry, { gone, elsewhere }: Compared, isLater: boolean): string | undefined {
  if (isLater) {
    return "later";
  }
  const uid = uidOf(entry);
  return gone.has(uid) ? "gone" : elsewhere.has(uid) ? "elsewhere" : undefined;
}

function keyOf(row: Entry | null | undefined, index: number): string | number {
  return row === null ? "later" : row === undefined ? index : uidOf(row);
}
