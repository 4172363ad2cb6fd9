/**
 * The screen stays on while music plays.
 *
 * A phone that turns its screen off lets pages sleep. So while music plays and the page is seen, a wake lock is held;
 * the browser takes it away whenever the page is hidden, and it is asked for again when the page is back. Where there
 * is none, or the device wants to save power, nothing is said. Knows the browser's locks. Does not know what plays.
 */

/** What is used of a lock that is held. */
export interface Sentinel {
  release(): Promise<void>;
  addEventListener(type: "release", listener: () => void): void;
}

/** What is used of a page; `wakeLock` is missing where the browser has none. */
export interface Screen {
  readonly wakeLock?: { request(type: "screen"): Promise<Sentinel> } | undefined;
  readonly isVisible: () => boolean;
  /** Calls `listener` when the page is hidden or seen again, until `over`. */
  watch(listener: () => void, over: AbortSignal): void;
}

/** What plays, or does not; a Jam. */
export interface Playing {
  readonly subscribe: (listener: () => void) => () => void;
  readonly nowPlaying: { readonly isPaused: boolean } | null;
}

/** Keeps the screen on while the Jam plays, until what comes back is called. */
export function stayAwake(jam: Playing, screen: Screen = thisScreen()): () => void {
  const lock = new WakeLock(screen);
  const look = () => lock.want(jam.nowPlaying !== null && !jam.nowPlaying.isPaused);
  const end = jam.subscribe(look);
  look();
  return () => {
    end();
    lock.close();
  };
}

/** One lock, held while it is wanted and the page is seen. */
export class WakeLock {
  readonly #screen: Screen;
  readonly #over = new AbortController();
  #isWanted = false;
  #isAsking = false;
  #changes = 0;
  #held: Sentinel | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
    screen.watch(() => void this.#settle(), this.#over.signal);
  }

  get isHeld(): boolean {
    return this.#held !== null;
  }

  want(isWanted: boolean): void {
    if (isWanted !== this.#isWanted) {
      this.#isWanted = isWanted;
      void this.#settle();
    }
  }

  close(): void {
    this.#over.abort();
    this.want(false);
  }

  /** Makes it as it should be, and looks again if something changed meanwhile. */
  async #settle(): Promise<void> {
    this.#changes += 1;
    if (this.#isAsking) {
      return;
    }
    this.#isAsking = true;
    for (let seen = 0; seen !== this.#changes; ) {
      seen = this.#changes;
      if (!this.#isWanted) {
        this.#release();
      } else if (this.#held === null && this.#screen.isVisible()) {
        await this.#ask();
      }
    }
    this.#isAsking = false;
  }

  async #ask(): Promise<void> {
    try {
      const sentinel = await this.#screen.wakeLock?.request("screen");
      this.#held = sentinel ?? null;
      sentinel?.addEventListener("release", () => {
        if (this.#held === sentinel) {
          this.#held = null;
        }
      });
    } catch {
      // The battery is low, or the page was hidden: it is asked for again when the page is seen again.
    }
  }

  #release(): void {
    const held = this.#held;
    this.#held = null;
    void held?.release().catch(() => undefined);
  }
}

/** That of the page; elsewhere one that has no lock. */
function thisScreen(): Screen {
  const { document: page, navigator: browser } = globalThis as Partial<typeof globalThis>;
  return {
    wakeLock: browser?.wakeLock,
    isVisible: () => page?.visibilityState === "visible",
    watch: (listener, signal) => page?.addEventListener("visibilitychange", listener, { signal }),
  };
}
