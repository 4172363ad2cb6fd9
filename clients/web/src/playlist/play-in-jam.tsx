/** Hears a playlist: starts a Jam that plays it, for oneself or for all who come. */

import type { Playlist, PlaylistSnapshot } from "@tutti/client";
import { Disc3 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { useAttempt } from "../design/use-attempt.js";
import { useHere } from "../session/here.js";
import { STRINGS } from "../strings.js";

export function PlayInJam({ playlist, shown }: { playlist: Playlist; shown: PlaylistSnapshot }) {
  const { tutti } = useHere();
  const attempt = useAttempt();
  const [, go] = useLocation();
  const [isBusy, setBusy] = useState(false);

  async function start(): Promise<void> {
    setBusy(true);
    await attempt(async () => {
      const jam = await tutti.startJam({ name: shown.name, playlist: playlist.id });
      go(`/jam/${jam.id}`);
    });
    setBusy(false);
  }

  return (
    <Button
      weight={shown.entries.length === 0 ? "quiet" : "live"}
      icon={<Disc3 aria-hidden="true" />}
      isBusy={isBusy}
      disabled={shown.entries.length === 0}
      aria-label={STRINGS.playlist.startJam}
      title={STRINGS.playlist.startJam}
      onClick={() => void start()}
    >
      {STRINGS.playlist.play}
    </Button>
  );
}
