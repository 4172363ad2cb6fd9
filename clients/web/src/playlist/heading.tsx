/** The head of a playlist's page: its name, who is here, how far its edits are, and what can be done with all of it. */

import type { Playlist, PlaylistSnapshot } from "@tutti/client";
import { Redo2, Share2, Undo2 } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { Avatars } from "../design/avatar.js";
import { Button, IconButton } from "../design/button.js";
import { lengthOf } from "../songs/times.js";
import { STRINGS } from "../strings.js";
import { shownEntry } from "./entry.js";
import styles from "./heading.module.css";
import { Name } from "./name.js";
import { PlayInJam } from "./play-in-jam.js";
import { PlaylistMenu } from "./playlist-menu.js";
import { SaveState } from "./save-state.js";

const WORDS = STRINGS.playlist;
const Share = lazy(() => import("./share.js").then(part => ({ default: part.Share })));

export function Heading({ playlist, shown }: { playlist: Playlist; shown: PlaylistSnapshot }) {
  const [isSharing, setSharing] = useState(false);
  const canEdit = shown.role !== "viewer";
  const length = useMemo(
    () => shown.entries.reduce((sum, entry) => sum + (shownEntry(entry).durationMs ?? 0), 0),
    [shown.entries],
  );
  return (
    <header className={styles["heading"]}>
      <div className={styles["names"]}>
        <Name playlist={playlist} name={shown.name} canEdit={canEdit} />
        <p className={styles["detail"]}>
          <span className="numbers">{WORDS.total(shown.entries.length, lengthOf(length))}</span>
          <SaveState shown={shown} />
        </p>
      </div>
      <div className={styles["tools"]}>
        <Avatars people={shown.members} label={WORDS.people} />
        {canEdit && (
          <>
            <IconButton label={WORDS.undo} disabled={!shown.canUndo} onClick={() => playlist.undo()}>
              <Undo2 aria-hidden="true" />
            </IconButton>
            <IconButton label={WORDS.redo} disabled={!shown.canRedo} onClick={() => playlist.redo()}>
              <Redo2 aria-hidden="true" />
            </IconButton>
          </>
        )}
        <PlayInJam playlist={playlist} shown={shown} />
        <Button
          icon={<Share2 aria-hidden="true" />}
          aria-label={WORDS.share}
          className={styles["share"]}
          onClick={() => setSharing(true)}
        >
          {WORDS.share}
        </Button>
        <PlaylistMenu playlist={playlist} shown={shown} />
      </div>
      {isSharing && (
        <Suspense>
          <Share shown={shown} onClose={() => setSharing(false)} />
        </Suspense>
      )}
    </header>
  );
}
