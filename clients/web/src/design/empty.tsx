/** What a page says when it has nothing to show, or cannot: what is the matter, and a way on. */

import type { ReactNode } from "react";
import styles from "./empty.module.css";
import { Staff } from "./staff.js";

export function Empty({
  title,
  children,
  action,
  isError = false,
  isPlain = false,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  isError?: boolean;
  /** Part of a page that has the ornament already: it stands on a page once. */
  isPlain?: boolean;
}) {
  return (
    <section className={styles["empty"]} role={isError ? "alert" : undefined}>
      {!isPlain && <Staff isBroken={isError} />}
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action !== undefined && <div className={styles["action"]}>{action}</div>}
    </section>
  );
}

/** While something is fetched: grey where it will be. `rows` of the height of an entry. */
export function Loading({ label, rows = 6 }: { label: string; rows?: number }) {
  return (
    <div className={styles["loading"]} role="status">
      <span className="unseen">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
        <div key={row} aria-hidden="true" />
      ))}
    </div>
  );
}
