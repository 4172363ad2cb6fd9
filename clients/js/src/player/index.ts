/**
 * Sound in a browser: a player for `Jam.playOn`.
 *
 *     const player = new WebPlayer({ tutti });
 *     button.onclick = () => player.unlock();
 *     const performance = jam.playOn(player);
 */

export type { PlayedTrack, Player } from "../player.js";
export type { After } from "../waits.js";
export type { Problem, ProblemCode } from "./problems.js";
export { type PlayerHost, WebPlayer, type WebPlayerOptions, type WebPlayerSnapshot } from "./web-player.js";
