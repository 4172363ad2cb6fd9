/**
 * One entry of a playlist, as a row that is chosen, dragged and acted upon.
 *
 * Drawn again only when something of it changes: a list of ten thousand has some twenty of these. Knows what an entry
 * says. What is done with it is the list's.
 */

import { useDraggable } from "@dnd-kit/core";
import type { Entry } from "@tutti/client";
import { ArrowDownToLine, ArrowUpToLine, Check, Ellipsis, GripVertical, Trash2 } from "lucide-react";
import { type MouseEvent, memo } from "react";
import { Avatar } from "../design/avatar.js";
import { Menu } from "../design/menu.js";
import { useVoices } from "../design/use-voices.js";
import { Artwork } from "../songs/artwork.js";
import { agoOf, clockOf } from "../songs/times.js";
import { STRINGS } from "../strings.js";
import { shownEntry } from "./entry.js";
import styles from "./entry-row.module.css";

const WORDS = STRINGS.playlist;

export interface Standing {
  readonly user: string;
  readonly name: string;
}

/** What a row tells its list. */
export interface RowActions {
  press(uid: string, event: MouseEvent): void;
  focus(uid: string): void;
  moveTo(uid: string, place: "first" | "last"): void;
  remove(uid: string): void;
}

export const EntryRow = memo(function EntryRow({
  entry,
  index,
  topPx,
  nowMs,
  isChosen,
  isFocused,
  isLifted,
  canEdit,
  standing,
  changedBy,
  nameOf,
  actions,
}: {
  entry: Entry;
  index: number;
  topPx: number;
  nowMs: number;
  isChosen: boolean;
  isFocused: boolean;
  /** It is being dragged. */
  isLifted: boolean;
  canEdit: boolean;
  /** Who else stands here. */
  standing: Standing | null;
  /** Who else has just put it here; empty: nobody. */
  changedBy: string;
  nameOf: (user: string) => string;
  actions: RowActions;
}) {
  const { uid, title, artists, album, durationMs, addedBy, addedAtMs } = shownEntry(entry);
  const { setNodeRef, listeners } = useDraggable({ id: uid, disabled: !canEdit });
  const classes = [styles["row"], isLifted && styles["lifted"], changedBy !== "" && styles["changed"]];
  const voiceOf = useVoices();
  const voice = standing?.user ?? changedBy;
  return (
    <div
      ref={setNodeRef}
      {...listeners}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isChosen}
      tabIndex={isFocused ? 0 : -1}
      data-uid={uid}
      className={classes.filter(Boolean).join(" ")}
      style={{ transform: `translateY(${topPx}px)`, ...(voice !== "" && voiceOf(voice)) }}
      onClick={event => actions.press(uid, event)}
      onFocus={() => actions.focus(uid)}
    >
      <span role="gridcell" className={styles["number"]} aria-label={WORDS.place(index + 1)}>
        <span className="numbers" aria-hidden="true">
          {isChosen ? <Check /> : index + 1}
        </span>
        {canEdit && <GripVertical className={styles["grip"]} aria-hidden="true" />}
      </span>
      <span role="gridcell" className={styles["picture"]}>
        <Artwork track={entry} widthPx={96} className={styles["cover"] ?? ""} />
      </span>
      <span role="gridcell" className={styles["song"]}>
        <span className={styles["title"]}>{title}</span>
        <span className={styles["line"]}>
          {addedBy !== "" && (
            <span className={styles["by"]}>
              <Avatar
                user={addedBy}
                name={nameOf(addedBy)}
                label={WORDS.addedBy(nameOf(addedBy))}
                size="xs"
              />
            </span>
          )}
          <span className={styles["artists"]}>{artists}</span>
        </span>
      </span>
      <span role="gridcell" className={styles["album"]}>
        {album}
      </span>
      <span role="gridcell" className={styles["added"]}>
        {addedBy !== "" && (
          <Avatar user={addedBy} name={nameOf(addedBy)} label={WORDS.addedBy(nameOf(addedBy))} size="s" />
        )}
        {addedAtMs !== null && <span>{agoOf(addedAtMs, nowMs)}</span>}
      </span>
      <span role="gridcell" className={styles["duration"]}>
        {durationMs === null ? "" : clockOf(durationMs)}
      </span>
      <span role="gridcell">
        {canEdit && (
          <Menu
            label={WORDS.actionsOf(title)}
            icon={<Ellipsis aria-hidden="true" />}
            choices={[
              { label: WORDS.toFirst, icon: <ArrowUpToLine />, onChoose: () => actions.moveTo(uid, "first") },
              { label: WORDS.toLast, icon: <ArrowDownToLine />, onChoose: () => actions.moveTo(uid, "last") },
              {
                label: WORDS.remove,
                icon: <Trash2 />,
                isDangerous: true,
                onChoose: () => actions.remove(uid),
              },
            ]}
          />
        )}
      </span>
      {voice !== "" && <span className={styles["standing"]}>{standing?.name ?? nameOf(changedBy)}</span>}
    </div>
  );
});
