/** What went wrong, as a sentence for people: the SDK's own, but for a server that does not answer. */

import { CallerError, ClientError, Unreachable } from "@tutti/client";
import { STRINGS } from "./strings.js";

/** The one way from a failure to what is read. Throws what is nobody's to read, but a fault of this program. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Unreachable) {
    return STRINGS.unreachable;
  }
  if (error instanceof ClientError || error instanceof CallerError) {
    return error.message;
  }
  throw error;
}
