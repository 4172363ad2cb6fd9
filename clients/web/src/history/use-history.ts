/** The past of a playlist, for components: it goes on as the playlist does. */

import type { ClientError, History, Tutti } from "@tutti/client";
import { useEffect, useState } from "react";
import { Past } from "./past.js";

interface Opened {
  readonly history: History | null;
  readonly past: Past | null;
}

const NOTHING: Opened = { history: null, past: null };

/** `newest` is the version that stands now; null until it is known. */
export function useHistory(tutti: Tutti, id: string, newest: number | null): Opened {
  const [opened, setOpened] = useState<Opened & { of: string }>({ ...NOTHING, of: id });
  const [error, setError] = useState<ClientError | null>(null);
  const isKnown = newest !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: where it begins; `goOn` tells it the rest
  useEffect(() => {
    let isWanted = true;
    if (newest !== null) {
      tutti.history(id).then(
        history => isWanted && setOpened({ history, past: new Past(history, newest), of: id }),
        cause => isWanted && setError(cause),
      );
    }
    return () => {
      isWanted = false;
    };
  }, [tutti, id, isKnown]);
  useEffect(() => {
    if (newest !== null) {
      opened.past?.goOn(newest);
    }
  }, [opened, newest]);
  if (error !== null) {
    throw error;
  }
  return opened.of === id ? opened : NOTHING;
}
