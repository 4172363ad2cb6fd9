import { expect, test } from "vitest";
import { PASTED_MAX, tracksIn } from "./links.js";

const ID = "4uLU6hMCjMI75M1A2tKUQC";

test.each([
  [`https://open.spotify.com/track/${ID}?si=0123456789abcdef`, `spotify:track:${ID}`],
  [`https://open.spotify.com/intl-de/track/${ID}`, `spotify:track:${ID}`],
  [`spotify:track:${ID}`, `spotify:track:${ID}`],
  [`listen to tutti:track:${ID}, it is good`, `tutti:track:${ID}`],
])("%s", (pasted, uri) => {
  expect(tracksIn(pasted)).toEqual([{ track: uri }]);
});

test.each(["", "hello", "https://open.spotify.com/album/4uLU6hMCjMI75M1A2tKUQC", `spotify:track:${ID}x`])(
  "nothing in '%s'",
  pasted => {
    expect(tracksIn(pasted)).toEqual([]);
  },
);

test("many, in order, up to a bound", () => {
  const lines = Array.from(
    { length: PASTED_MAX + 3 },
    (_, n) => `spotify:track:${String(n).padStart(22, "0")}`,
  );
  const tracks = tracksIn(lines.join("\n"));
  expect(tracks.length).toBe(PASTED_MAX);
  expect(tracks[1]).toEqual({ track: lines[1] });
});
