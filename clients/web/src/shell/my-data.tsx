/** What the server knows of whoever is here: a copy of it, and the end of it. */

import { useState } from "react";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { sentenceOf } from "../sentence.js";
import { useLibrary, useSession } from "../session/here.js";
import { STRINGS } from "../strings.js";
import styles from "./my-data.module.css";

const WORDS = STRINGS.shell;

export function MyData({ userId, onClose }: { userId: string; onClose: () => void }) {
  const library = useLibrary();
  const { session } = useSession();
  const [isSure, setSure] = useState(false);
  const [busy, setBusy] = useState<"copy" | "delete" | null>(null);
  const [error, setError] = useState<string>();

  async function attempt(what: "copy" | "delete", work: () => Promise<void>): Promise<void> {
    setBusy(what);
    setError(undefined);
    try {
      await work();
    } catch (cause) {
      setError(sentenceOf(cause));
    } finally {
      setBusy(null);
    }
  }

  const copy = () =>
    attempt("copy", async () => {
      if (library !== null) {
        save(await library.exportMe());
      }
    });
  const remove = () =>
    attempt("delete", async () => {
      await library?.deleteMe(userId);
      await session.leave();
    });

  return (
    <Dialog
      title={WORDS.data}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{STRINGS.cancel}</Button>
          <Button
            weight="danger"
            disabled={!isSure || library === null}
            isBusy={busy === "delete"}
            onClick={() => void remove()}
          >
            {WORDS.deleteMe}
          </Button>
        </>
      }
    >
      <section className={styles["part"]}>
        <p>{WORDS.dataLead}</p>
        <Button isBusy={busy === "copy"} disabled={library === null} onClick={() => void copy()}>
          {WORDS.download}
        </Button>
      </section>
      <section className={styles["part"]}>
        <p>{WORDS.deleteLead}</p>
        <label className={styles["sure"]}>
          <input type="checkbox" checked={isSure} onChange={event => setSure(event.target.checked)} />
          {WORDS.deleteSure}
        </label>
      </section>
      {error !== undefined && <p role="alert">{error}</p>}
    </Dialog>
  );
}

function save(content: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "tutti-export.json";
  link.click();
  URL.revokeObjectURL(url);
}
