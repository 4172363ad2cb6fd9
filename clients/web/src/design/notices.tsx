/**
 * Short words at the edge of the screen: that something was done, and how to take it back, or why it was not.
 *
 *     const notify = useNotify();
 *     notify({ words: "3 songs removed", action: { label: "Undo", onChoose: () => playlist.undo() } });
 *
 * What passes belongs to the page that said it, and goes with it; the next such word takes its place.
 */

import { X } from "lucide-react";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";
import { useLocation } from "wouter";
import { STRINGS } from "../strings.js";
import { Button, IconButton } from "./button.js";
import { useForeground } from "./foreground.js";
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

interface Shown extends Notice {
  readonly id: number;
  /** Of the page that said it. */
  readonly path: string;
}

const Notify = createContext<(notice: Notice) => void>(() => undefined);
const Hush = createContext<() => void>(() => undefined);

export function useNotify(): (notice: Notice) => void {
  return useContext(Notify);
}

/** Takes away what passes by itself, for what is to be seen in its place. */
export function useHush(): () => void {
  return useContext(Hush);
}

export function Notices({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<readonly Shown[]>([]);
  const made = useRef(0);
  const foreground = useForeground();
  const [here] = useLocation();
  const dismiss = useCallback((id: number) => setNotices(all => all.filter(notice => notice.id !== id)), []);
  const hush = useCallback(() => setNotices(all => all.filter(lasts)), []);
  useEffect(() => {
    setNotices(all => all.filter(notice => lasts(notice) || notice.path === here));
  }, [here]);
  const notify = useCallback(
    (notice: Notice) => {
      made.current += 1;
      const id = made.current;
      const shown = { ...notice, id, path: window.location.pathname };
      setNotices(all =>
        [...all.filter(each => lasts(each) && each.words !== notice.words), shown].slice(-SHOWN_MAX),
      );
      if (!lasts(notice)) {
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
      <Hush value={hush}>{children}</Hush>
      {createPortal(
        <div role="status">
          <ul className={styles["notices"]}>{drawn}</ul>
        </div>,
        foreground ?? document.body,
      )}
    </Notify>
  );
}

function lasts({ isError, stays }: Notice): boolean {
  return isError === true || stays === true;
}
