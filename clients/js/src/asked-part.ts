/**
 * What a client asks over HTTP, in one piece: the past of playlists, what would go well with them, and what to play.
 *
 * Loaded when it is first asked for, by `import()` in `tutti`, as `jam-part` is.
 */

export { Asker } from "./asker.js";
export { Catalogue } from "./catalogue.js";
export { History } from "./history.js";
export { Library } from "./library.js";
export { suggestions } from "./suggestions.js";
