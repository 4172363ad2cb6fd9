/** `@tutti/client/node`: what only Node has. */

export { fileStore } from "./store-file.js";
