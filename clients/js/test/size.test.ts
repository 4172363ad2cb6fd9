/**
 * How much an app loads, as a bundler splits it: minified, and each file compressed by itself.
 *
 * `npm run size` prints it. The bounds of what is not promised are what was measured when it was last looked at, and
 * a little more: growing is a decision.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

const KB = 1000;
const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));

const EDITS = `
  const playlist = await tutti.openPlaylist(document.title);
  playlist.append({ track: "demo:1", title: "One" });
  playlist.move(0, 1, playlist.entries.length);
  playlist.undo();
  await playlist.saved();`;
const PLAYLISTS = `
  import { connect } from "./index.ts";
  const tutti = await connect(location.origin, { token: document.cookie });
  ${EDITS}`;
const OFFLINE = `
  import { browserStore, connect, guest } from "./index.ts";
  const ada = await guest(location.origin, "Ada");
  const tutti = await connect(location.origin, { token: ada.token, offline: browserStore() });
  ${EDITS}`;

/** The files that an app becomes, and how many bytes of each travel. */
interface Bundle {
  readonly files: Metafile["outputs"];
  readonly sizes: ReadonlyMap<string, number>;
}

async function bundled(program: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: program, resolveDir: SOURCE, loader: "ts" },
    ...{ bundle: true, splitting: true, minify: true, format: "esm", target: "es2022" },
    ...{ outdir: SOURCE, absWorkingDir: SOURCE, write: false, metafile: true },
  });
  const sizes = outputFiles.map(
    ({ path, contents }) => [path.slice(SOURCE.length + 1), gzipSync(contents, { level: 9 }).length] as const,
  );
  return { files: metafile.outputs, sizes: new Map(sizes) };
}

/** The files that are there before anything is asked for. */
function loadedFirst({ files }: Bundle): ReadonlySet<string> {
  const loaded = new Set(["stdin.js"]);
  for (const name of loaded) {
    for (const { path, kind } of files[name]!.imports) {
      if (kind === "import-statement") {
        loaded.add(path);
      }
    }
  }
  return loaded;
}

function bytesOf({ sizes }: Bundle, names: Iterable<string> = sizes.keys()): number {
  return [...names].reduce((sum, name) => sum + sizes.get(name)!, 0);
}

const inKb = (bytes: number) => `${(bytes / KB).toFixed(1)} KB`;

for (const [name, program, firstMax, wholeMax] of [
  ["the pure core", `export * from "./core.ts";`, 25, 25],
  ["a player beside it", `export { WebPlayer } from "./player/index.ts";`, 8, 8],
  ["an app with playlists", PLAYLISTS, 37, 63],
  ["an app with playlists, guests and a store", OFFLINE, 40.5, 66],
] as const) {
  test(`${name} loads no more than it has to`, async t => {
    const bundle = await bundled(program);
    const first = bytesOf(bundle, loadedFirst(bundle));
    const whole = bytesOf(bundle);
    t.diagnostic(`${name}: ${inKb(first)} at first, ${inKb(whole)} with all that may come later`);
    assert.ok(first <= firstMax * KB, `at first ${inKb(first)}, at most ${firstMax} KB`);
    assert.ok(whole <= wholeMax * KB, `in all ${inKb(whole)}, at most ${wholeMax} KB`);
  });
}

test("an app that only edits playlists loads nothing of Jams at first", async () => {
  const bundle = await bundled(PLAYLISTS);
  const loaded = [...loadedFirst(bundle)].flatMap(name => Object.keys(bundle.files[name]!.inputs));
  assert.deepEqual(loaded.filter(file => file.startsWith("jam")).sort(), ["jam/features.ts", "jam/text.ts"]);
});
