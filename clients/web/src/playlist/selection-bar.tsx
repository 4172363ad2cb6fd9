/** What can be done with the entries that are chosen. */

import type { Playlist, PlaylistSnapshot } from "@tutti/client";
import { Trash2, X } from "lucide-react";
import { Button, IconButton } from "../design/button.js";
import { useNotify } from "../design/notices.js";
import { STRINGS } from "../strings.js";
import { uidOf } from "./entry.js";
import { take } from "./entry-list.js";
import styles from "./playlist-page.module.css";
import { type Choice, NOTHING } from "./selection.js";

const WORDS = STRINGS.playlist;

export function SelectionBar({
  playlist,
  shown,
  choice,
  onChoice,
  canEdit,
}: {
  playlist: Playlist;
  shown: PlaylistSnapshot;
  choice: Choice;
  onChoice: (choice: Choice) => void;
  canEdit: boolean;
}) {
  const notify = useNotify();
  const count = choice.uids.size;

  function remove(): void {
    take(playlist, choice.uids, shown.entries.map(uidOf));
    onChoice(NOTHING);
    notify({
      words: WORDS.removed(count),
      action: { label: STRINGS.undo, onChoose: () => playlist.undo() },
    });
  }

  return (
    <div className={styles["chosen"]} role="toolbar" aria-label={WORDS.chosen(count)}>
      <IconButton label={WORDS.unchoose} onClick={() => onChoice(NOTHING)}>
        <X aria-hidden="true" />
      </IconButton>
      <span className={styles["count"]}>{WORDS.chosen(count)}</span>
      {canEdit && (
        <Button weight="danger" icon={<Trash2 aria-hidden="true" />} onClick={remove}>
          {WORDS.remove}
        </Button>
      )}
    </div>
  );
}
