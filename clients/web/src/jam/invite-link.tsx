/** The ways in which the address of a Jam leaves this device: the system's own sheet on a phone, and a copy. */

import { Check, Copy, Share2 } from "lucide-react";
import { useState } from "react";
import { Button } from "../design/button.js";
import { STRINGS } from "../strings.js";
import styles from "./invite.module.css";

const WORDS = STRINGS.jam;

export function InviteLink({ address }: { address: string }) {
  const [isCopied, setCopied] = useState(false);
  const [isShown, setShown] = useState(false);
  const canShare = hasShareSheet();

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(address);
      setCopied(true);
    } catch {
      // Plain http has no clipboard: it stands there to be copied by hand.
      setShown(true);
    }
  }

  async function share(): Promise<void> {
    try {
      await navigator.share({ url: address });
    } catch (error) {
      // Whoever closes the sheet has answered.
      if (!(error instanceof DOMException && error.name === "AbortError")) {
        await copy();
      }
    }
  }

  return (
    <div className={styles["ways"]}>
      {canShare && (
        <Button weight="primary" icon={<Share2 aria-hidden="true" />} onClick={() => void share()}>
          {WORDS.shareLink}
        </Button>
      )}
      <Button
        weight={canShare ? "quiet" : "primary"}
        icon={isCopied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        onClick={() => void copy()}
      >
        {isCopied ? STRINGS.copied : WORDS.copyLink}
      </Button>
      <span className="unseen" role="status">
        {isCopied && STRINGS.copied}
      </span>
      {isShown && (
        <input
          className={styles["address"]}
          aria-label={WORDS.address}
          readOnly
          value={address}
          onFocus={event => event.target.select()}
        />
      )}
    </div>
  );
}

/** On a computer the sheet is rarely better than a copy. */
function hasShareSheet(): boolean {
  return typeof navigator.share === "function" && window.matchMedia("(pointer: coarse)").matches;
}
