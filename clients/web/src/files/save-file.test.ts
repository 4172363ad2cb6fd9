import { expect, it } from "vitest";
import { fileName } from "./save-file.js";

it.each([
  ["Friday", "Friday"],
  ["../../etc/x", "etc x"],
  ["Löve\u202e / 音\n", "Löve 音"],
  ["...", "playlist"],
  ["", "playlist"],
  ["🎵".repeat(100), "🎵".repeat(80)],
])("a file is called after its playlist: %s", (title, name) => {
  expect(fileName(title)).toBe(name);
});
