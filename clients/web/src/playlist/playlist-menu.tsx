/** What is done with a whole playlist, once in a while. */

import type { Playlist, PlaylistSnapshot } from "@tutti/client";
import { Download, Ellipsis, History, LogOut, Waves } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { Menu } from "../design/menu.js";
import { useNotify } from "../design/notices.js";
import { useAttempt } from "../design/use-attempt.js";
import { DownloadPlaylist } from "../files/download-playlist.js";
import { useLibrary } from "../session/here.js";
import { FILES } from "../strings/files.js";
import { STRINGS } from "../strings.js";

const WORDS = STRINGS.playlist;

export function PlaylistMenu({ playlist, shown }: { playlist: Playlist; shown: PlaylistSnapshot }) {
  const library = useLibrary();
  const notify = useNotify();
  const attempt = useAttempt();
  const [, go] = useLocation();
  const [isLeaving, setLeaving] = useState(false);
  const [isDownloading, setDownloading] = useState(false);
  const canEdit = shown.role !== "viewer";

  async function order(): Promise<void> {
    const before = playlist.entries;
    playlist.endStep();
    await playlist.smoothSort();
    if (playlist.entries === before) {
      notify({ words: WORDS.smoothNothing });
      return;
    }
    notify({
      words: WORDS.smoothDone,
      action: { label: STRINGS.undo, onChoose: () => playlist.undo() },
    });
  }

  async function leave(): Promise<void> {
    await library?.leavePlaylist(playlist.id);
    playlist.close({ discard: true });
    go("/");
  }

  return (
    <>
      <Menu
        label={WORDS.more}
        icon={<Ellipsis aria-hidden="true" />}
        choices={[
          {
            label: WORDS.smooth,
            icon: <Waves />,
            isDisabled: !canEdit || shown.entries.length < 3,
            onChoose: () => void attempt(order),
          },
          { label: WORDS.history, icon: <History />, onChoose: () => go(`/p/${playlist.id}/history`) },
          { label: FILES.download, icon: <Download />, onChoose: () => setDownloading(true) },
          { label: WORDS.leave, icon: <LogOut />, isDangerous: true, onChoose: () => setLeaving(true) },
        ]}
      />
      {isDownloading && (
        <DownloadPlaylist id={playlist.id} name={shown.name} onClose={() => setDownloading(false)} />
      )}
      {isLeaving && (
        <Dialog
          title={WORDS.leave}
          onClose={() => setLeaving(false)}
          actions={
            <>
              <Button onClick={() => setLeaving(false)}>{STRINGS.cancel}</Button>
              <Button weight="danger" onClick={() => void attempt(leave)}>
                {WORDS.leave}
              </Button>
            </>
          }
        >
          <p>{WORDS.leaveLead}</p>
        </Dialog>
      )}
    </>
  );
}
