/** Asks for a file, makes a playlist of it, and says kindly what became of its songs. */

import { ClientError, type ImportedPlaylist } from "@tutti/client";
import { FileUp } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { useLibrary } from "../session/here.js";
import { FILES } from "../strings/files.js";
import { STRINGS } from "../strings.js";
import styles from "./files.module.css";
import { told } from "./report.js";

const ENDINGS = ".jspf,.json,.xspf,.m3u8,.m3u,.pls,.csv";

export function ImportPlaylist({ onClose }: { onClose: () => void }) {
  const library = useLibrary();
  const [, go] = useLocation();
  const [file, setFile] = useState<File>();
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [imported, setImported] = useState<ImportedPlaylist>();
  const input = useId();

  async function take(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (library === null || file === undefined) {
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      setImported(await library.importPlaylist(file, file.name.replace(/\.[^.]*$/, "").slice(0, 200)));
    } catch (cause) {
      if (!(cause instanceof ClientError)) {
        throw cause;
      }
      setError(cause.message);
    } finally {
      setBusy(false);
    }
  }

  if (imported !== undefined) {
    const { id, name } = imported.playlist;
    return (
      <Dialog
        title={FILES.done(name)}
        onClose={onClose}
        actions={
          <Button weight="primary" autoFocus onClick={() => go(`/p/${id}`)}>
            {FILES.open}
          </Button>
        }
      >
        <Report imported={imported} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={FILES.import}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{STRINGS.cancel}</Button>
          <Button
            weight="primary"
            type="submit"
            form="import-playlist"
            icon={<FileUp aria-hidden="true" />}
            isBusy={isBusy}
            disabled={file === undefined}
          >
            {FILES.take}
          </Button>
        </>
      }
    >
      <form id="import-playlist" className={styles["form"]} onSubmit={event => void take(event)}>
        <p>{FILES.importLead}</p>
        <label htmlFor={input}>{FILES.choose}</label>
        <input
          id={input}
          className={styles["file"]}
          type="file"
          accept={ENDINGS}
          onChange={event => {
            setFile(event.target.files?.[0]);
            setError(undefined);
          }}
        />
        <p role="status">{isBusy && FILES.taking}</p>
        {error !== undefined && (
          <p role="alert" className={styles["error"]}>
            {error}
          </p>
        )}
      </form>
    </Dialog>
  );
}

function Report({ imported }: { imported: ImportedPlaylist }) {
  const { lines, leftOut, others } = told(imported);
  return (
    <>
      {lines.map(line => (
        <p key={line}>{line}</p>
      ))}
      {leftOut.length > 0 && (
        <section className={styles["left-out"]}>
          <h3>{FILES.leftOut}</h3>
          <ul>
            {leftOut.map(({ song, why }, number) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same song may be left out twice, and none moves.
              <li key={number}>
                <span>{song}</span>
                <small>{why}</small>
              </li>
            ))}
          </ul>
          {others > 0 && <p>{FILES.more(others)}</p>}
        </section>
      )}
    </>
  );
}
