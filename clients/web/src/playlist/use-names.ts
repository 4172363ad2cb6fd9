/** What people are called whose ids stand in entries: those who are here say so, of others the server is asked once. */

import type { PlaylistSnapshot } from "@tutti/client";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useLibrary } from "../session/here.js";
import { STRINGS } from "../strings.js";

export function useNames({ id, members }: PlaylistSnapshot): (user: string) => string {
  const library = useLibrary();
  const [asked, setAsked] = useState<ReadonlyMap<string, string>>(() => new Map());
  useEffect(() => {
    library?.members(id).then(
      people => setAsked(new Map(people.map(({ id: user, name }) => [user, name ?? STRINGS.home.gone]))),
      // Without names the page says that somebody did it.
      () => undefined,
    );
  }, [library, id]);
  // Members move their cursors all the time; rows are drawn again only when somebody is called otherwise.
  const called = JSON.stringify(members.map(({ user, name }) => [user, name]));
  const here = useMemo(() => new Map<string, string>(JSON.parse(called)), [called]);
  return useCallback((user: string) => here.get(user) ?? asked.get(user) ?? STRINGS.home.gone, [here, asked]);
}
