import type { ImportedPlaylist, UnmatchedEntry } from "@tutti/client";
import { describe, expect, it } from "vitest";
import { LEFT_OUT_SHOWN, told } from "./report.js";

const entry = (title: string, isKept = false, more: Partial<UnmatchedEntry> = {}): UnmatchedEntry => ({
  title,
  artists: [],
  uri: "",
  isKept,
  message: "Why.",
  ...more,
});

function imported(entries: number, unmatched: readonly UnmatchedEntry[], leftOut?: number): ImportedPlaylist {
  const out = leftOut ?? unmatched.filter(({ isKept }) => !isKept).length;
  const kept = unmatched.filter(({ isKept }) => isKept).length;
  return {
    playlist: { id: "p", name: "Friday" },
    report: { entries, imported: entries - out, kept, leftOut: out, unmatched },
  };
}

describe("what is told of an import", () => {
  it("is little when all went well", () => {
    expect(told(imported(1, []))).toEqual({
      lines: ["All 1 song of the file are in it."],
      leftOut: [],
      others: 0,
    });
    expect(told(imported(0, [])).lines).toEqual(["There was no song in the file."]);
  });

  it("names what was left out, and counts what does not play here", () => {
    const unmatched = [
      entry("One", false, { artists: ["Ada", "Bob"] }),
      entry("", false, { uri: "music/x.mp3" }),
      entry(""),
      entry("Two", true),
    ];
    const { lines, leftOut } = told(imported(1_005, unmatched));
    expect(lines[0]).toBe("1,002 of 1,005 songs are in it.");
    expect(lines[1]).toContain("1 of them is not on this server");
    expect(leftOut.map(({ song }) => song)).toEqual([
      "Ada, Bob – One",
      "music/x.mp3",
      "A song without a name",
    ]);
  });

  it("shows as many as somebody reads", () => {
    const many = Array.from({ length: 200 }, (_, n) => entry(`Song ${n}`));
    const { leftOut, others } = told(imported(3_000, many, 2_000));
    expect([leftOut.length, others]).toEqual([LEFT_OUT_SHOWN, 2_000 - LEFT_OUT_SHOWN]);
  });
});
