/**
 * The sign of Tutti, and its one ornament: five lines that begin apart and end as one.
 *
 * As a mark beside the name, and large where a page has nothing to show yet.
 */

import styles from "./staff.module.css";

const LINES = [0, 1, 2, 3, 4];
const MIDDLE = 48;

/** The mark alone; a picture without words. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg className={styles["mark"]} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      {LINES.map(line => (
        <path key={line} d={`M2 ${6 + line * 5}C12 ${6 + line * 5} 13 16 23 16`} />
      ))}
      <circle cx="26" cy="16" r="4" />
    </svg>
  );
}

/** The ornament; `isLive` colours where the lines meet. `isBroken`: they do not arrive there. */
export function Staff({ isLive = false, isBroken = false }: { isLive?: boolean; isBroken?: boolean }) {
  return (
    <svg
      className={[styles["staff"], isLive && styles["live"], isBroken && styles["broken"]]
        .filter(Boolean)
        .join(" ")}
      viewBox="0 0 320 96"
      preserveAspectRatio="xMidYMid meet"
      aria-hidden="true"
    >
      {LINES.map(line => (
        <path key={line} pathLength="1" d={`M0 ${yOf(line)}C120 ${yOf(line)} 150 ${MIDDLE} 268 ${MIDDLE}`} />
      ))}
      {LINES.map(line => {
        const [x, y] = onLine(line, 0.14 + line * 0.075);
        return <circle key={line} cx={x} cy={y} r="5" data-voice={line} />;
      })}
      <circle className={styles["one"]} cx="284" cy="48" r="14" />
    </svg>
  );
}

/** Where a line begins. */
function yOf(line: number): number {
  return 12 + line * 18;
}

/** A point of a line, `t` of the way along its curve (a cubic Bézier). */
function onLine(line: number, t: number): [x: number, y: number] {
  const u = 1 - t;
  const x = 3 * u * u * t * 120 + 3 * u * t * t * 150 + t ** 3 * 268;
  const y = (u ** 3 + 3 * u * u * t) * yOf(line) + (3 * u * t * t + t ** 3) * MIDDLE;
  return [x, y];
}
