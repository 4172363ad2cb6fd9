/** Who may do what in a Jam, as far as buttons go: the server decides. */

import type { Role } from "@tutti/client";

export function isSteering(role: Role | null): boolean {
  return role === "host" || role === "cohost";
}
