/** The code that lets people in, large enough to be read across a table, and as a picture to scan. */

import { type Jam, type JoinCode, normaliseCode } from "@tutti/client";
import { Copy, RotateCw } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { useNotify } from "../design/notices.js";
import { useAttempt } from "../design/use-attempt.js";
import { sentenceOf } from "../sentence.js";
import { STRINGS } from "../strings.js";
import styles from "./invite.module.css";

const WORDS = STRINGS.jam;

export function Invite({ jam, canRotate, onClose }: { jam: Jam; canRotate: boolean; onClose: () => void }) {
  const [code, setCode] = useState<JoinCode | null>(null);
  const [picture, setPicture] = useState("");
  const [error, setError] = useState<unknown>(null);
  const command = useAttempt();
  const notify = useNotify();

  useEffect(() => {
    jam.code().then(setCode, setError);
  }, [jam]);

  useEffect(() => {
    if (code === null) {
      return undefined;
    }
    let address = "";
    let isWanted = true;
    jam.qr().then(
      svg => {
        if (isWanted) {
          address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
          setPicture(address);
        }
      },
      // The code stands there all the same.
      () => undefined,
    );
    return () => {
      isWanted = false;
      URL.revokeObjectURL(address);
    };
  }, [jam, code]);

  async function copy(address: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(address);
      notify({ words: STRINGS.copied });
    } catch {
      notify({ words: address });
    }
  }

  return (
    <Dialog title={WORDS.inviteTitle} onClose={onClose}>
      {error !== null && <p role="alert">{sentenceOf(error)}</p>}
      {code !== null && (
        <div className={styles["invite"]}>
          <p className={styles["code"]}>{code.code}</p>
          {picture !== "" && <img src={picture} alt={code.code} className={styles["qr"]} />}
          <p className={styles["lead"]}>{WORDS.inviteLead}</p>
          <div className={styles["actions"]}>
            <Button
              weight="primary"
              icon={<Copy aria-hidden="true" />}
              onClick={() => void copy(new URL(`/j/${normaliseCode(code.code)}`, window.location.href).href)}
            >
              {WORDS.copyLink}
            </Button>
            {canRotate && (
              <Button
                icon={<RotateCw aria-hidden="true" />}
                onClick={() => void command(async () => setCode(await jam.rotate()))}
              >
                {WORDS.newCode}
              </Button>
            )}
          </div>
        </div>
      )}
    </Dialog>
  );
}
