/**
 * Puts the service worker into the build: /sw.js, which knows by name everything that the build has made.
 *
 * Knows Vite. Does not know what the worker does with the names.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const NAME = "sw.js";
/** Alphabets that few names need: kept when they were seen once. */
const RARE = /-(latin-ext|vietnamese)-/;

export function serviceWorker(): Plugin {
  let publicDir = "";
  return {
    name: "tutti:service-worker",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    buildStart() {
      this.emitFile({ type: "chunk", id: join(import.meta.dirname, "worker.ts"), fileName: NAME });
    },
    generateBundle(_options, bundle) {
      const worker = bundle[NAME];
      if (worker?.type !== "chunk" || worker.imports.length > 0) {
        this.error("The service worker has to be one file of its own.");
      }
      const made = Object.keys(bundle).filter(path => path.startsWith("assets/") && !RARE.test(path));
      const files = readdirSync(publicDir);
      const hash = createHash("sha256").update(worker.code);
      for (const name of files) {
        hash.update(readFileSync(join(publicDir, name)));
      }
      const index = bundle["index.html"];
      hash.update(index?.type === "asset" ? index.source : "");
      const paths = [...made, ...files].sort().map(path => `/${path}`);
      const version = hash.update(paths.join()).digest("hex").slice(0, 16);
      worker.code = `const __BUILD__ = ${JSON.stringify({ version, paths })};\n${worker.code}`;
    },
  };
}
