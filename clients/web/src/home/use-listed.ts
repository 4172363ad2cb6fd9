/** A list that is asked for page by page, and again when the server is back. */

import { ClientError, type Library, type Listed, type PartOfList } from "@tutti/client";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLibrary, useMe } from "../session/here.js";

export interface Listing<T> {
  /** What was fetched so far, null before anything was. */
  readonly items: readonly T[] | null;
  readonly total: number;
  /** Why nothing newer is here. */
  readonly error: ClientError | null;
  readonly more: () => void;
  readonly again: () => void;
}

/** `ask` may be another function at each call: the first one counts. */
export function useListed<T extends { readonly id: string }>(
  ask: (library: Library, part: PartOfList) => Promise<Listed<T>>,
): Listing<T> {
  const library = useLibrary();
  const { isConnected } = useMe();
  const question = useRef(ask);
  const [items, setItems] = useState<readonly T[] | null>(null);
  const [total, setTotal] = useState(0);
  const [error, setError] = useState<ClientError | null>(null);

  const fetchFrom = useCallback(
    async (offset: number) => {
      if (library === null) {
        return;
      }
      try {
        const page = await question.current(library, { offset });
        // What moved from one page to the next meanwhile is shown once.
        const before = (all: readonly T[] | null) => (offset === 0 ? [] : (all ?? []));
        setItems(all => [...new Map([...before(all), ...page.items].map(item => [item.id, item])).values()]);
        setTotal(page.total);
        setError(null);
      } catch (cause) {
        if (!(cause instanceof ClientError)) {
          throw cause;
        }
        setError(cause);
      }
    },
    [library],
  );

  useEffect(() => {
    if (isConnected) {
      void fetchFrom(0);
    }
  }, [isConnected, fetchFrom]);

  return {
    items,
    total,
    error,
    more: () => void fetchFrom(items?.length ?? 0),
    again: () => void fetchFrom(0),
  };
}
