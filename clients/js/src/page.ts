/**
 * What a browser says about the page and its network.
 *
 * A page is hidden and shown, frozen and thawed, and its device loses one network and finds another. Elsewhere none of
 * these events exist and nobody is told anything. Knows the names of events. Does not know what follows from them.
 */

/** Who wants to hear of it. */
export interface PageListener {
  /** The network came, went or changed, or the page is back: what was known of the connection may not hold. */
  woke(): void;
  hidden(isHidden: boolean): void;
}

type Target = Pick<EventTarget, "addEventListener">;

/** Tells `listener` until `over` says otherwise; at once if the page is hidden now. */
export function watchPage(listener: PageListener, over: AbortSignal): void {
  const platform = globalThis as Partial<Target> & { document?: Target & { readonly hidden: boolean } };
  const options = { signal: over };
  for (const name of ["online", "offline", "pageshow"]) {
    platform.addEventListener?.(name, () => listener.woke(), options);
  }
  const page = platform.document;
  if (page === undefined) {
    return;
  }
  page.addEventListener("resume", () => listener.woke(), options);
  page.addEventListener(
    "visibilitychange",
    () => {
      listener.hidden(page.hidden);
      if (!page.hidden) {
        listener.woke();
      }
    },
    options,
  );
  listener.hidden(page.hidden);
}
