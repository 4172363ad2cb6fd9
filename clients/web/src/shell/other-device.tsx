/** The code by which another device becomes this person. */

import { useEffect, useState } from "react";
import { Dialog } from "../design/dialog.js";
import { Loading } from "../design/empty.js";
import { sentenceOf } from "../sentence.js";
import { useLibrary } from "../session/here.js";
import { STRINGS } from "../strings.js";
import styles from "./other-device.module.css";

const WORDS = STRINGS.shell;

export function OtherDevice({ onClose }: { onClose: () => void }) {
  const library = useLibrary();
  const [code, setCode] = useState("");
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    library?.deviceLink().then(
      link => setCode(link.code),
      cause => setError(cause),
    );
  }, [library]);
  return (
    <Dialog title={WORDS.device} onClose={onClose}>
      {code === "" && error === null && <Loading label={STRINGS.loading} rows={1} />}
      {error !== null && <p role="alert">{sentenceOf(error)}</p>}
      {code !== "" && (
        <>
          <p className={styles["code"]}>{code}</p>
          <p className={styles["address"]}>{window.location.origin}</p>
          <p>{WORDS.deviceLead}</p>
        </>
      )}
    </Dialog>
  );
}
