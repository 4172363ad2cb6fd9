/** Gives a Jam commands, and says why one was refused. */

import { CallerError, ClientError } from "@tutti/client";
import { useCallback } from "react";
import { useNotify } from "../design/notices.js";

/** `give` resolves to whether the command was taken. */
export function useCommand(): (give: () => PromiseLike<unknown>) => Promise<boolean> {
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
