/** What is said of songs that would go well with a playlist. Loaded with them. */

import { counted } from "../strings.js";

export const SUGGESTIONS = {
  title: "Would go well with it",
  add: (title: string) => `Add ${title}`,
  added: (title: string) => `${title} added`,
  found: (count: number) => `${counted(count, "song", "songs")} suggested`,
  again: "Look again",
  hide: "Hide",
  looking: "Looking for songs that go well with these …",
  nothing: "Nothing to suggest yet",
  nothingLead:
    "Suggestions come from songs that stand beside these in your other playlists and Jams, and in several of this server’s. Add a few more, or look again later.",
  reading: "The server is still reading its playlists. Look again in a moment.",
  failed: "Suggestions cannot be had now",
} as const;
