/** What went wrong, as a sentence for people: the SDK's own, but for an address that does not answer. */

import { type CallerError, type ClientError, Unreachable } from "@tutti/client";
import { STRINGS } from "./strings.js";

export function sentenceOf(error: ClientError | CallerError): string {
  return error instanceof Unreachable ? STRINGS.unreachable : error.message;
}
