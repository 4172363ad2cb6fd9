/**
 * What a client asks about playlists over HTTP, in one piece: their past, and what would go well with them.
 *
 * Loaded when it is first asked for, by `import()` in `tutti`, as `jam-part` is.
 */

export { History } from "./history.js";
export { suggestions } from "./suggestions.js";
