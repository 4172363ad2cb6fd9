/** Does what may be refused, and says why it was. */

import { CallerError, ClientError } from "@tutti/client";
import { useCallback } from "react";
import { useNotify } from "./notices.js";

/** What comes back resolves to whether it was done. */
export function useAttempt(): (give: () => PromiseLike<unknown>) => Promise<boolean> {
  const notify = useNotify();
  return useCallback(
    async give => {
      try {
        await give();
        return true;
      } catch (error) {
        if (!(error instanceof ClientError || error instanceof CallerError)) {
          throw error;
        }
        notify({ words: error.message, isError: true });
        return false;
      }
    },
    [notify],
  );
}
