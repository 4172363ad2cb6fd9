/** Does what may be refused, and says why it was. */

import { useCallback } from "react";
import { sentenceOf } from "../sentence.js";
import { useNotify } from "./notices.js";

/** What comes back resolves to whether it was done. */
export function useAttempt(): (give: () => unknown) => Promise<boolean> {
  const notify = useNotify();
  return useCallback(
    async give => {
      try {
        await give();
        return true;
      } catch (error) {
        notify({ words: sentenceOf(error), isError: true });
        return false;
      }
    },
    [notify],
  );
}
