/**
 * Something that has to be answered before the page goes on: in the middle of a wide screen, from below on a phone.
 *
 * The browser's own `dialog`, so that focus stays inside, Escape closes it and what is behind is inert.
 */

import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { STRINGS } from "../strings.js";
import { IconButton } from "./button.js";
import styles from "./dialog.module.css";
import { useAsForeground } from "./foreground.js";

/** Open as long as it is drawn. `onClose` when somebody wants it gone: it goes when it is not drawn any more. */
export function Dialog({
  title,
  onClose,
  children,
  actions,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  actions?: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useAsForeground(dialog);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles["dialog"]}
      aria-labelledby={heading}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
      onClick={event => event.target === dialog.current && onClose()}
    >
      <div className={styles["sheet"]}>
        <header className={styles["header"]}>
          <h2 id={heading}>{title}</h2>
          <IconButton label={STRINGS.close} onClick={onClose}>
            <X aria-hidden="true" />
          </IconButton>
        </header>
        <div className={styles["body"]}>{children}</div>
        {actions !== undefined && <footer className={styles["actions"]}>{actions}</footer>}
      </div>
    </dialog>
  );
}
