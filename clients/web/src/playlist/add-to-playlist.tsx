/** Songs into a playlist, at its end. */

import { CallerError, type Playlist, type Track } from "@tutti/client";
import { useNotify } from "../design/notices.js";
import { AddSongs } from "../songs/add-songs.js";
import { STRINGS } from "../strings.js";

const WORDS = STRINGS.addSongs;

export function AddToPlaylist({ playlist }: { playlist: Playlist }) {
  const notify = useNotify();

  function add(tracks: readonly Track[]): void {
    try {
      playlist.endStep();
      playlist.append(tracks);
      notify({
        words: WORDS.added(tracks.length),
        action: { label: STRINGS.undo, onChoose: () => playlist.undo() },
      });
    } catch (error) {
      if (!(error instanceof CallerError)) {
        throw error;
      }
      notify({ words: error.message, isError: true });
    }
  }

  return <AddSongs onAdd={add} />;
}
