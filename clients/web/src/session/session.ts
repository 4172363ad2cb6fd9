/**
 * Who is at this page, and their connection to the server.
 *
 * Begins as soon as the page does, goes on by itself when the server comes back, and says in one value how it stands.
 * Knows the SDK. Does not know React, or what is shown.
 */

import {
  BrowserGuest,
  browserStore,
  ClientError,
  connect,
  StoreFailed,
  StoreInUse,
  type Tutti,
  Unreachable,
} from "@tutti/client";

/** Whoever knocks in vain tries again after so long. */
const AGAIN_MS = 2_000;
/** The browser's word for who we are was not taken: come in again. */
const SIGNED_OUT: readonly string[] = ["token_invalid", "token_expired", "user_gone"];

/** How it stands. `isKept`: what is edited outlives the page. */
export type SessionState =
  | { readonly kind: "stranger"; readonly wasSomebody: boolean }
  | { readonly kind: "coming"; readonly isServerAway: boolean }
  | { readonly kind: "here"; readonly tutti: Tutti; readonly isKept: boolean }
  | { readonly kind: "failed"; readonly error: ClientError };

/** See the module. One for a page. */
export class Session {
  readonly #url: string;
  #guest: BrowserGuest | null;
  #state: SessionState;
  readonly #listeners = new Set<() => void>();

  constructor(url: string) {
    this.#url = url;
    this.#guest = BrowserGuest.current(url);
    this.#state =
      this.#guest === null
        ? { kind: "stranger", wasSomebody: false }
        : { kind: "coming", isServerAway: false };
    if (this.#guest !== null) {
      void this.#come(this.#guest);
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): SessionState => this.#state;

  /** Comes in as somebody new. Rejects with RequestRefused for a name that nobody can have, and Unreachable. */
  async enter(name: string): Promise<void> {
    await this.#begin(await BrowserGuest.become(this.#url, name));
  }

  /** Comes in as whoever made this code on another device. Rejects as `enter`, and with `key_invalid`. */
  async link(code: string): Promise<void> {
    await this.#begin(await BrowserGuest.link(this.#url, code));
  }

  /** Forgets who is here: the next who comes is somebody else. */
  async leave(): Promise<void> {
    const state = this.#state;
    this.#set({ kind: "stranger", wasSomebody: false });
    if (state.kind === "here") {
      await state.tutti.close({ discard: true });
    }
    await this.#guest?.forget();
    this.#guest = null;
  }

  async #begin(guest: BrowserGuest): Promise<void> {
    this.#guest = guest;
    this.#set({ kind: "coming", isServerAway: false });
    await this.#come(guest);
  }

  async #come(guest: BrowserGuest): Promise<void> {
    while (this.#guest === guest) {
      try {
        const { tutti, isKept } = await this.#connect(guest);
        this.#set({ kind: "here", tutti, isKept });
        this.#watch(tutti);
        return;
      } catch (error) {
        if (!(error instanceof Unreachable)) {
          this.#give(error);
          return;
        }
        this.#set({ kind: "coming", isServerAway: true });
        await new Promise(resolve => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  /** Where the browser keeps nothing, edits live as long as the page. */
  async #connect(guest: BrowserGuest): Promise<{ tutti: Tutti; isKept: boolean }> {
    const token = guest.token;
    // A Jam's clock is kept beside the page, however busy that is.
    const { pageWorker } = await import("@tutti/client/player");
    const worker = await pageWorker();
    try {
      const offline = browserStore(guest.userId);
      return { tutti: await connect(this.#url, { token, offline, worker }), isKept: true };
    } catch (error) {
      if (!(error instanceof StoreFailed || error instanceof StoreInUse)) {
        throw error;
      }
      return { tutti: await connect(this.#url, { token, worker }), isKept: false };
    }
  }

  /** A connection that is gone for good says so in its own state; one that was left is nobody's any more. */
  #watch(tutti: Tutti): void {
    const stop = tutti.subscribe(() => {
      const { failure } = tutti.getSnapshot();
      if (failure !== null) {
        stop();
        if (this.#state.kind === "here" && this.#state.tutti === tutti) {
          this.#give(failure);
        }
      }
    });
  }

  #give(error: unknown): void {
    if (!(error instanceof ClientError)) {
      throw error;
    }
    const isStranger = SIGNED_OUT.includes(error.code);
    this.#set(isStranger ? { kind: "stranger", wasSomebody: true } : { kind: "failed", error });
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
