/** What is said where playlists come from files and become some. */

import { counted } from "../strings.js";

const songs = (count: number) => counted(count, "song", "songs");

export const FILES = {
  download: "Download as …",
  downloadLead: "The whole list as a file, for another program or to keep.",
  formats: {
    xspf: { name: "XSPF", lead: "For VLC and most music players" },
    m3u8: { name: "M3U8", lead: "For players that want nothing but songs" },
    csv: { name: "CSV", lead: "For spreadsheets and services that move playlists" },
    jspf: { name: "JSPF", lead: "For ListenBrainz; also says who added what and when" },
    pls: { name: "PLS", lead: "For radios and old players" },
  },
  import: "Import a playlist",
  importLead:
    "Choose a file that another program or service has written: JSPF, XSPF, M3U, PLS or CSV. It becomes a playlist that only you see.",
  choose: "The file",
  take: "Import",
  taking: "Reading the file …",
  open: "Open the playlist",
  done: (name: string) => `“${name}” is here`,
  empty: "There was no song in the file.",
  all: (count: number) => `All ${songs(count)} of the file are in it.`,
  some: (imported: number, entries: number) =>
    `${imported.toLocaleString("en")} of ${songs(entries)} are in it.`,
  kept: (count: number) =>
    count === 1
      ? "1 of them is not on this server: it stands there by name, but does not play here."
      : `${count.toLocaleString("en")} of them are not on this server: they stand there by name, but do not play here.`,
  leftOut: "Left out",
  unnamed: "A song without a name",
  more: (count: number) => `… and ${count.toLocaleString("en")} more.`,
};
