/**
 * Short words at the edge of the screen: that something was done, and how to take it back, or why it was not.
 *
 *     const notify = useNotify();
 *     notify({ words: "3 songs removed", action: { label: "Undo", onChoose: () => playlist.undo() } });
 */

import { X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import { STRINGS } from "../strings.js";
import { Button, IconButton } from "./button.js";
import styles from "./notices.module.css";

export interface Notice {
  readonly words: string;
  readonly isError?: boolean;
  /** Until it is answered or sent away, as an error does. */
  readonly stays?: boolean;
  readonly action?: { readonly label: string; readonly onChoose: () => void };
}

/** Long enough to be read and answered; an error stays until it is sent away. */
const STAYS_MS = 6_000;
/** More than this at once is read by nobody. */
const SHOWN_MAX = 3;

const Notify = createContext<(notice: Notice) => void>(() => undefined);

export function useNotify(): (notice: Notice) => void {
  return useContext(Notify);
}

export function Notices({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<readonly (Notice & { id: number })[]>([]);
  const made = useRef(0);
  const dismiss = useCallback((id: number) => setNotices(all => all.filter(notice => notice.id !== id)), []);
  const notify = useCallback(
    (notice: Notice) => {
      made.current += 1;
      const id = made.current;
      setNotices(all =>
        [...all.filter(({ words }) => words !== notice.words), { ...notice, id }].slice(-SHOWN_MAX),
      );
      if (notice.isError !== true && notice.stays !== true) {
        setTimeout(() => dismiss(id), STAYS_MS);
      }
    },
    [dismiss],
  );
  const drawn = useMemo(
    () =>
      notices.map(({ id, words, isError, action }) => (
        <li key={id} className={isError === true ? styles["error"] : undefined}>
          <p>{words}</p>
          {action !== undefined && (
            <Button
              weight="plain"
              onClick={() => {
                dismiss(id);
                action.onChoose();
              }}
            >
              {action.label}
            </Button>
          )}
          <IconButton label={STRINGS.dismiss} onClick={() => dismiss(id)}>
            <X aria-hidden="true" />
          </IconButton>
        </li>
      )),
    [notices, dismiss],
  );
  return (
    <Notify value={notify}>
      {children}
      <div role="status">
        <ul className={styles["notices"]}>{drawn}</ul>
      </div>
    </Notify>
  );
}
