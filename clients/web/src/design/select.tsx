/** One of a few, chosen where it stands: the browser's own list behind a control that looks like the others. */

import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import styles from "./select.module.css";

export function Select({ className, ...rest }: ComponentProps<"select">) {
  return (
    <span className={[styles["select"], className].filter(Boolean).join(" ")}>
      <select {...rest} />
      <ChevronDown aria-hidden="true" />
    </span>
  );
}
