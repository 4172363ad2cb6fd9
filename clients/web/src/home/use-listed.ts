/** A list that is asked for page by page, and again when the server is back; until then as it was last seen. */

import { ClientError, type Library, type Listed, type PartOfList } from "@tutti/client";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLibrary, useMe } from "../session/here.js";
import { keepList, keptList } from "./kept-list.js";

export interface Listing<T> {
  /** What was fetched so far, null before anything was. */
  readonly items: readonly T[] | null;
  readonly total: number;
  /** Why nothing newer is here. */
  readonly error: ClientError | null;
  /** Nothing is here, and nobody can be asked now. */
  readonly isUnknown: boolean;
  readonly more: () => void;
  readonly again: () => void;
}

/** `ask` may be another function at each call: the first one counts. `keptAs`: its beginning is kept under that name. */
export function useListed<T extends { readonly id: string }>(
  ask: (library: Library, part: PartOfList) => Promise<Listed<T>>,
  keptAs?: string,
): Listing<T> {
  const library = useLibrary();
  const { isConnected, userId } = useMe();
  const question = useRef(ask);
  const [before] = useState(() => (keptAs === undefined ? null : keptList<T>(keptAs, userId)));
  const [items, setItems] = useState<readonly T[] | null>(before?.items ?? null);
  const [total, setTotal] = useState(before?.total ?? 0);
  const [error, setError] = useState<ClientError | null>(null);

  const fetchFrom = useCallback(
    async (offset: number) => {
      if (library === null) {
        return;
      }
      try {
        const page = await question.current(library, { offset });
        // What moved from one page to the next meanwhile is shown once.
        const earlier = (all: readonly T[] | null) => (offset === 0 ? [] : (all ?? []));
        setItems(all => [...new Map([...earlier(all), ...page.items].map(item => [item.id, item])).values()]);
        setTotal(page.total);
        if (offset === 0 && keptAs !== undefined) {
          keepList(keptAs, userId, page.items, page.total);
        }
        setError(null);
      } catch (cause) {
        if (!(cause instanceof ClientError)) {
          throw cause;
        }
        setError(cause);
      }
    },
    [library, userId, keptAs],
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
    isUnknown: items === null && error === null && !isConnected,
    more: () => void fetchFrom(items?.length ?? 0),
    again: () => void fetchFrom(0),
  };
}
