/** Asks in which format, and hands the playlist to the browser as a file. */

import type { PlaylistFormat } from "@tutti/client";
import { Download } from "lucide-react";
import { useState } from "react";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { useAttempt } from "../design/use-attempt.js";
import { useLibrary } from "../session/here.js";
import { FILES } from "../strings/files.js";
import styles from "./files.module.css";
import { saveFile } from "./save-file.js";

const FORMATS = Object.keys(FILES.formats) as PlaylistFormat[];

export function DownloadPlaylist({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const library = useLibrary();
  const attempt = useAttempt();
  const [busy, setBusy] = useState<PlaylistFormat>();

  async function download(format: PlaylistFormat): Promise<void> {
    if (library === null) {
      return;
    }
    setBusy(format);
    const isDone = await attempt(async () => {
      saveFile(await library.exportPlaylist(id, format), name, format);
    });
    setBusy(undefined);
    if (isDone) {
      onClose();
    }
  }

  return (
    <Dialog title={FILES.download} onClose={onClose}>
      <p>{FILES.downloadLead}</p>
      <ul className={styles["formats"]}>
        {FORMATS.map(format => (
          <li key={format}>
            <Button
              className={styles["format"] ?? ""}
              icon={<Download aria-hidden="true" />}
              isBusy={busy === format}
              disabled={busy !== undefined}
              onClick={() => void download(format)}
            >
              <strong>{FILES.formats[format].name}</strong>
              <small>{FILES.formats[format].lead}</small>
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
