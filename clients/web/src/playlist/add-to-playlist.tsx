/** Songs into a playlist, at its end. */

import type { Playlist, Track } from "@tutti/client";
import { useNotify } from "../design/notices.js";
import { useAttempt } from "../design/use-attempt.js";
import { AddSongs } from "../songs/add-songs.js";
import { STRINGS } from "../strings.js";

const WORDS = STRINGS.addSongs;

export function AddToPlaylist({ playlist }: { playlist: Playlist }) {
  const notify = useNotify();
  const attempt = useAttempt();

  function add(tracks: readonly Track[]): void {
    playlist.endStep();
    playlist.append(tracks);
    notify({
      words: WORDS.added(tracks.length),
      action: { label: STRINGS.undo, onChoose: () => playlist.undo() },
    });
  }

  return <AddSongs onAdd={tracks => void attempt(() => add(tracks))} />;
}
