/**
 * What this place does without, one by one: a stable code, and a kind sentence for people.
 *
 * Values only. What finds them is `surroundings` and `page-worker`.
 */

/** The sentence by its code. */
const SENTENCES = {
  no_secure_context:
    "This page came over plain http, so the browser withholds some comforts; the music plays all the same.",
  no_isolation: "Clocks are a little coarser here, because the page is not isolated; nobody hears that.",
  no_worker: "This browser has no workers: a busy page may keep time less exactly.",
  worker_failed: "The worker that keeps time did not start: a busy page may keep time less exactly.",
  worker_unconnected: "The worker that keeps time may not connect: a busy page may keep time less exactly.",
  no_web_audio: "This browser cannot play in time with the others; everything else in the Jam works.",
  no_output_timestamp:
    "This browser does not say when sound leaves it; if you hear an echo beside others, move the slider.",
  no_output_latency:
    "This browser does not say how late its output is; if you hear an echo beside others, move the slider.",
  no_wake_lock: "The screen may turn off while music plays; on a phone, keep this page in front.",
  no_web_locks: "Tabs share their edits by turns here, which takes them a moment longer.",
  no_service_worker: "Without a connection this page cannot be loaded anew, so leave it open.",
  no_storage: "The browser keeps nothing for this page, so its settings last as long as the page.",
} as const;

/** Stable: a page may have words of its own for it. */
export type LackCode = keyof typeof SENTENCES;

/** Something that is not here. `code` is stable, `message` a sentence for people. */
export interface Lack {
  readonly code: LackCode;
  readonly message: string;
}

export function lack(code: LackCode): Lack {
  return { code, message: SENTENCES[code] };
}
