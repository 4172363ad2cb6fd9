/** The head of a playlist's page: its name, who is here, how far its edits are, and what can be done with all of it. */

import type { Playlist, PlaylistSnapshot } from "@tutti/client";
import { Redo2, Share2, Undo2 } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { Avatars } from "../design/avatar.js";
import { Button, IconButton } from "../design/button.js";
import { useMe } from "../session/here.js";
import { ToLibrary } from "../shell/to-library.js";
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
  const { userId } = useMe();
  const isAlone = shown.members.every(({ user }) => user === userId);
  const length = useMemo(
    () => shown.entries.reduce((sum, entry) => sum + (shownEntry(entry).durationMs ?? 0), 0),
    [shown.entries],
  );
  return (
    <header className={styles["heading"]}>
      <div className={styles["names"]}>
        <ToLibrary />
        <Name playlist={playlist} name={shown.name} canEdit={canEdit} />
      </div>
      <div className={styles["detail"]}>
        <span className="numbers">
          {WORDS.total(shown.entries.length, length === 0 ? "" : lengthOf(length))}
        </span>
        <SaveState shown={shown} />
        {canEdit && (
          <div className={styles["steps"]}>
            <IconButton label={WORDS.undo} disabled={!shown.canUndo} onClick={() => playlist.undo()}>
              <Undo2 aria-hidden="true" />
            </IconButton>
            <IconButton label={WORDS.redo} disabled={!shown.canRedo} onClick={() => playlist.redo()}>
              <Redo2 aria-hidden="true" />
            </IconButton>
          </div>
        )}
      </div>
      <div className={styles["tools"]}>
        {!isAlone && <Avatars people={shown.members} label={WORDS.people} />}
        <PlayInJam playlist={playlist} shown={shown} />
        <Button
          weight={shown.entries.length === 0 ? "primary" : "quiet"}
          icon={<Share2 aria-hidden="true" />}
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
