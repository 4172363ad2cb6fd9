/**
 * Sound in a browser: a player for `Jam.playOn`.
 *
 *     const player = new WebPlayer({ tutti });
 *     button.onclick = () => player.unlock();
 *     const performance = jam.playOn(player);
 */

export type { PlayedTrack, Player } from "../player.js";
export type { After } from "../waits.js";
export type { OutputKind } from "./choice.js";
export type { Streams } from "./download.js";
export type { Lack, LackCode } from "./lacks.js";
export { type MakePlayerOptions, makePlayer } from "./make-player.js";
export { MediaElementPlayer, type MediaElementPlayerOptions } from "./media-element-player.js";
export { Nudge, type Nudged, type NudgePlace, type NudgeSnapshot, type Output } from "./nudge.js";
export { NUDGE_MS_MAX } from "./nudges.js";
export type { PagePlayer, PlayerSnapshot } from "./page-player.js";
export { type PageWorker, type PageWorkerOptions, pageWorker, type WorkerLike } from "./page-worker.js";
export type { PlayerHost } from "./player-host.js";
export type { Problem, ProblemCode } from "./problems.js";
export { type Lacking, type Place, type Surroundings, surroundings } from "./surroundings.js";
export { type Playing, type Screen, type Sentinel, stayAwake } from "./wake-lock.js";
export { WebPlayer, type WebPlayerOptions } from "./web-player.js";
