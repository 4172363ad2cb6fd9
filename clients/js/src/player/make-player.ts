/** The player that suits a page. */

import { type OutputKind, outputFor } from "./choice.js";
import { MediaElementPlayer } from "./media-element-player.js";
import type { PagePlayer } from "./page-player.js";
import { WebPlayer, type WebPlayerOptions } from "./web-player.js";

/** What `makePlayer` may be told. */
export interface MakePlayerOptions extends WebPlayerOptions {
  /** What the app would rather have. */
  readonly kind?: OutputKind;
}

/** On Web Audio, unless this browser has none or the app wants media elements. */
export function makePlayer({ kind, ...options }: MakePlayerOptions): PagePlayer {
  const hasWebAudio = typeof AudioContext === "function";
  return outputFor({ hasWebAudio, asked: kind }) === "samples"
    ? new WebPlayer(options)
    : new MediaElementPlayer(options);
}
