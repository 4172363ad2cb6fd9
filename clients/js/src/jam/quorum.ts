/**
 * How many must want a skip.
 *
 * Those are asked who may, who are here, and who did anything lately: fifty phones in pockets must not keep a bad
 * song alive. Of a few a majority, of many less: in a crowd those who mind are never more than half.
 */

import { isSteering } from "./rules.js";
import { type Jam, roleOf } from "./state.js";

/** 1 of 1, 2 of 2, 3 of 5, 6 of 10, 10 of 32, 30 of 161: the least of a majority and 5 + ⌈0.15·n⌉. */
export function needed(electorate: number): number {
  return Math.min(Math.floor(electorate / 2) + 1, 5 + Math.floor((3 * electorate + 19) / 20));
}

/** Who is asked at this moment. */
export function electorate(jam: Jam, atMs: number): Set<string> {
  const sinceMs = atMs - jam.settings.times.asleep_ms;
  const asked = Object.entries(jam.members).filter(
    ([user, member]) => !member.away_at && member.active_at >= sinceMs && mayAsk(jam, user),
  );
  return new Set(asked.map(([user]) => user));
}

/** Whether enough of those asked are among the voters. */
export function isReached(voters: Iterable<string>, asked: ReadonlySet<string>): boolean {
  let found = 0;
  for (const user of voters) {
    found += asked.has(user) ? 1 : 0;
  }
  return found >= needed(asked.size);
}

function mayAsk(jam: Jam, user: string): boolean {
  const role = roleOf(jam, user);
  return isSteering(role) || (role === "guest" && jam.settings.guests_skip);
}
