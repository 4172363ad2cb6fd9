/**
 * A list as it was last seen, for the time when nobody can be asked.
 *
 * Kept in the browser, where it may be, for whoever was here last. Knows no list: what comes back is what was given
 * under that name.
 */

const keptAs = (name: string): string => `tutti:${name}:1`;

interface Kept<T> {
  readonly user: string;
  readonly items: readonly T[];
  readonly total: number;
}

export function keepList<T>(name: string, user: string, items: readonly T[], total: number): void {
  try {
    const kept: Kept<T> = { user, items, total };
    localStorage.setItem(keptAs(name), JSON.stringify(kept));
  } catch {
    // Then it is asked for each time.
  }
}

/** Null: nothing is kept for this user. An empty list is nothing: by now it may well have something in it. */
export function keptList<T>(name: string, user: string): Kept<T> | null {
  try {
    const kept = JSON.parse(localStorage.getItem(keptAs(name)) ?? "null") as Kept<T> | null;
    return kept?.user === user && kept.items.length > 0 ? kept : null;
  } catch {
    return null;
  }
}
