import { describe, expect, it } from "vitest";
import { namedIn, outlived, wayOf } from "./way.js";

const ORIGIN = "https://tutti.example";
const FILES = new Set(["/icon.svg", "/assets/index-4f2a.js"]);

function way(path: string, mode = "cors", method = "GET"): string {
  return wayOf({ url: new URL(path, ORIGIN).href, mode, method }, ORIGIN, FILES);
}

describe("where an answer comes from", () => {
  it.each(["/", "/p/4mXk0a9Vb2Qz7RtYpLwNcE", "/J/K7QX2MBD", "/invite"])("a page: %s", path => {
    expect(way(path, "navigate")).toBe("page");
  });

  it.each(["/icon.svg", "/assets/index-4f2a.js", "/assets/seen-once-77.woff2"])("kept: %s", path => {
    expect(way(path)).toBe("kept");
  });

  it.each([
    ["what people have", "/v1/me/playlists", "cors", "GET"],
    ["music", "/v1/audio/tutti:track:1", "no-cors", "GET"],
    ["also typed into the bar", "/v1/me", "navigate", "GET"],
    ["how the server is", "/readyz", "cors", "GET"],
    ["whether there is a newer app", "/", "cors", "GET"],
    ["the worker itself", "/sw.js", "same-origin", "GET"],
    ["another server", "https://elsewhere.example/assets/x.js", "cors", "GET"],
    ["what changes something", "/icon.svg", "cors", "POST"],
  ])("the server: %s", (_what, path, mode, method) => {
    expect(way(path, mode, method)).toBe("server");
  });
});

it("knows what a document names", () => {
  const html =
    '<script type="module" crossorigin src="/assets/a-1.js"></script><link href="/assets/b-2.css">';
  expect(namedIn(html)).toEqual(["/assets/a-1.js", "/assets/b-2.css"]);
  expect(namedIn("<p>Please sign in</p>")).toEqual([]);
});

it("keeps this build and the one before it", () => {
  const names = ["tutti-app-1", "others", "tutti-app-2", "tutti-app-3"];
  expect(outlived(names, "tutti-app-", "tutti-app-3")).toEqual(["tutti-app-1"]);
  // Back to an older build: the newest of the others stays.
  expect(outlived(names, "tutti-app-", "tutti-app-1")).toEqual(["tutti-app-2"]);
  expect(outlived(["tutti-app-3"], "tutti-app-", "tutti-app-3")).toEqual([]);
});
