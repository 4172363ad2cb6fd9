/**
 * `@tutti/client/msgpack`: MessagePack for `connect`, smaller and faster than JSON. Needs `@msgpack/msgpack`,
 * which the app installs.
 *
 *     connect("https://tutti.example.com", { token, encoding: msgpack })
 */

import { encode } from "@msgpack/msgpack";
import type { Encoding } from "./wire/encoding.js";
import { msgpackBy } from "./wire/msgpack.js";

/** What `connect` takes as `encoding`. */
export const msgpack: Encoding = msgpackBy(encode);
