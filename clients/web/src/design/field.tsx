/** What is typed into, with its name above and what is wrong below. */

import { type InputHTMLAttributes, type ReactNode, useId } from "react";
import styles from "./field.module.css";

/** `error` is one sentence; it is read out when it comes. `hint` is there as long as nothing is wrong. */
export function Field({
  label,
  hint,
  error,
  isLabelShown = true,
  end,
  className,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: string;
  error?: string;
  isLabelShown?: boolean;
  end?: ReactNode;
}) {
  const id = useId();
  const said = error ?? hint;
  return (
    <div className={[styles["field"], className].filter(Boolean).join(" ")}>
      <label htmlFor={id} className={isLabelShown ? styles["label"] : "unseen"}>
        {label}
      </label>
      <div className={styles["box"]}>
        <input
          id={id}
          autoComplete="off"
          {...rest}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={said === undefined ? undefined : `${id}-said`}
        />
        {end}
      </div>
      <p id={`${id}-said`} role={error === undefined ? undefined : "alert"} className={styles["said"]}>
        {said}
      </p>
    </div>
  );
}
