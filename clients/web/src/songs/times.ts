/** Durations and moments as people read them. Pure. */

/** `3:07`, `1:02:45`. */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const end = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${end}` : `${minutes}:${end}`;
}

/** `42 min`, `3 h 12 min`. */
export function lengthOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** `2 days ago`; what is less than a minute ago, or ahead by a clock's error, is `now`. */
export function agoOf(atMs: number, nowMs: number): string {
  const passedMs = nowMs - atMs;
  for (const [unit, ms] of STEPS) {
    if (passedMs >= ms) {
      return relative.format(-Math.floor(passedMs / ms), unit);
    }
  }
  return relative.format(0, "second");
}
