/**
 * The session, for components.
 *
 * `useSession` is how it stands, `useHere` the client of whoever is in: only drawn where somebody is.
 */

import type { Library, Tutti } from "@tutti/client";
import { useTutti } from "@tutti/client/react";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { Session, type SessionState } from "./session.js";

// One for the page, whatever React does with its components.
const session = new Session(window.location.origin);

export function useSession(): { session: Session; state: SessionState } {
  return { session, state: useSyncExternalStore(session.subscribe, session.getSnapshot) };
}

export interface Here {
  readonly tutti: Tutti;
  readonly isKept: boolean;
}

const HereContext = createContext<Here | null>(null);

export function HereProvider({ here, children }: { here: Here; children: ReactNode }) {
  return <HereContext value={here}>{children}</HereContext>;
}

export function useHere(): Here {
  const here = useContext(HereContext);
  if (here === null) {
    throw new Error("useHere is for components inside HereProvider.");
  }
  return here;
}

/** How the client stands. */
export function useMe() {
  return useTutti(useHere().tutti);
}

/** What is asked over HTTP; null for the moment until it is loaded. */
export function useLibrary(): Library | null {
  const { tutti } = useHere();
  const [library, setLibrary] = useState<Library | null>(null);
  useEffect(() => {
    tutti.library().then(setLibrary, () => undefined);
  }, [tutti]);
  return library;
}
