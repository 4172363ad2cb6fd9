/** What is pressed. */

import type { ComponentProps, ReactNode } from "react";
import styles from "./button.module.css";

type Weight = "primary" | "quiet" | "plain" | "live" | "danger";

interface Common extends Omit<ComponentProps<"button">, "children"> {
  weight?: Weight;
  /** It works, and cannot be pressed again yet. */
  isBusy?: boolean;
}

function classes(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}

/** Words, with or without an icon before them. */
export function Button({
  weight = "quiet",
  isBusy = false,
  icon,
  children,
  className,
  ...rest
}: Common & { icon?: ReactNode; children: ReactNode }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={classes(styles["button"], styles[weight], className)}
    >
      {icon}
      <span>{children}</span>
    </button>
  );
}

/** An icon alone; `label` is what it is called. `isOn`: it is pressed in. */
export function IconButton({
  weight = "plain",
  isBusy = false,
  label,
  isOn,
  children,
  className,
  ...rest
}: Common & { label: string; isOn?: boolean; children: ReactNode }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy}
      aria-label={label}
      aria-pressed={isOn}
      title={label}
      className={classes(styles["button"], styles["icon"], styles[weight], isOn && styles["on"], className)}
    >
      {children}
    </button>
  );
}
