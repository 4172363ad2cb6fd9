/** The code that lets people in, large enough to be read across a table, and as a picture to scan. */

import { type Jam, type JoinCode, normaliseCode } from "@tutti/client";
import { useEffect, useState } from "react";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { useAttempt } from "../design/use-attempt.js";
import { sentenceOf } from "../sentence.js";
import { STRINGS } from "../strings.js";
import styles from "./invite.module.css";
import { InviteLink } from "./invite-link.js";

const WORDS = STRINGS.jam;

export function Invite({ jam, canRotate, onClose }: { jam: Jam; canRotate: boolean; onClose: () => void }) {
  const [code, setCode] = useState<JoinCode | null>(null);
  const [picture, setPicture] = useState("");
  const [error, setError] = useState<unknown>(null);

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

  return (
    <Dialog title={WORDS.inviteTitle} onClose={onClose}>
      {error !== null && <p role="alert">{sentenceOf(error)}</p>}
      {code !== null && (
        <div className={styles["invite"]}>
          <p className={styles["code"]}>{code.code}</p>
          {picture !== "" && <img src={picture} alt={code.code} className={styles["qr"]} />}
          <p className={styles["lead"]}>{WORDS.inviteLead(window.location.host)}</p>
          <InviteLink
            key={code.code}
            address={new URL(`/j/${normaliseCode(code.code)}`, window.location.href).href}
          />
          {canRotate && <Rotate jam={jam} onRotated={setCode} />}
        </div>
      )}
    </Dialog>
  );
}

/** Ends what is on paper and in messages, so it asks before it does. */
function Rotate({ jam, onRotated }: { jam: Jam; onRotated: (code: JoinCode) => void }) {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const command = useAttempt();

  async function rotate(): Promise<void> {
    setBusy(true);
    await command(async () => onRotated(await jam.rotate()));
    setBusy(false);
    setAsking(false);
  }

  return (
    <div className={styles["rotate"]}>
      {isAsking ? (
        <>
          <p>{WORDS.newCodeLead}</p>
          <div className={styles["answers"]}>
            <Button autoFocus onClick={() => setAsking(false)}>
              {STRINGS.cancel}
            </Button>
            <Button weight="danger" isBusy={isBusy} onClick={() => void rotate()}>
              {WORDS.newCodeSure}
            </Button>
          </div>
        </>
      ) : (
        <Button weight="plain" className={styles["ask"]} onClick={() => setAsking(true)}>
          {WORDS.newCode}
        </Button>
      )}
    </div>
  );
}
