/** What would go well with a playlist, asked when it is wanted and again after each song that was taken. */

import { ClientError, type Playlist, type Suggestions, type Track } from "@tutti/client";
import { useCallback, useEffect, useRef, useState } from "react";

/** As many as are looked through before one searches instead. */
const SHOWN_MAX = 6;

export interface Suggesting {
  /** Null until the first answer. */
  readonly found: Suggestions | null;
  readonly isAsking: boolean;
  readonly error: ClientError | null;
  readonly ask: () => void;
  /** Throws what `append` throws. */
  readonly take: (track: Track) => void;
}

export function useSuggestions(playlist: Playlist): Suggesting {
  const [found, setFound] = useState<Suggestions | null>(null);
  const [error, setError] = useState<ClientError | null>(null);
  const [isAsking, setAsking] = useState(false);
  // Only the newest answer counts.
  const asked = useRef(0);

  const ask = useCallback(() => {
    asked.current += 1;
    const number = asked.current;
    const settle = (answer: Suggestions | null, cause: ClientError | null) => {
      if (number === asked.current) {
        setAsking(false);
        setError(cause);
        setFound(before => answer ?? before);
      }
    };
    setAsking(true);
    setError(null);
    playlist.suggestions(SHOWN_MAX).then(
      answer => settle(answer, null),
      cause => {
        if (!(cause instanceof ClientError)) {
          throw cause;
        }
        settle(null, cause);
      },
    );
  }, [playlist]);

  const take = useCallback(
    (track: Track) => {
      playlist.endStep();
      playlist.append(track);
      playlist.endStep();
      // The server knows what goes with it once it has it; offline it is asked by hand.
      playlist.saved().then(ask, () => undefined);
    },
    [playlist, ask],
  );

  useEffect(() => {
    ask();
    return () => {
      asked.current += 1;
    };
  }, [ask]);
  return { found, isAsking, error, ask, take };
}
