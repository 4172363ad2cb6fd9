/** Songs into the queue, each with the vote of who adds it. */

import type { Jam, Track } from "@tutti/client";
import { useNotify } from "../design/notices.js";
import { useAttempt } from "../design/use-attempt.js";
import { AddSongs } from "../songs/add-songs.js";
import { STRINGS } from "../strings.js";

export function AddToJam({ jam }: { jam: Jam }) {
  const command = useAttempt();
  const notify = useNotify();

  async function add(tracks: readonly Track[]): Promise<void> {
    for (const track of tracks) {
      if (!(await command(() => jam.add(track)))) {
        return;
      }
    }
    notify({ words: STRINGS.jam.added });
  }

  return <AddSongs onAdd={tracks => void add(tracks)} />;
}
