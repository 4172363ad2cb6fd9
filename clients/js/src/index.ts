/**
 * The JavaScript SDK of Tutti: playlists that many people edit at once, and Jams that play the same beat.
 *
 * `connect` is the way in. MessagePack, React and what only Node has are entries of their own.
 */

export { BrowserGuest } from "./browser-guest.js";
export { browserStore } from "./browser-store.js";
export type { Found, FoundTrack, SearchOptions } from "./catalogue.js";
export type { Changes, JamChange, PlaylistChange } from "./changes.js";
export type { Patience, TuttiSnapshot } from "./client.js";
export type { Clock } from "./clock.js";
export * from "./errors.js";
export type {
  Accepted,
  Acknowledged,
  Change,
  Closed,
  Delayed,
  Diverged as DivergedEvent,
  Happened,
  Reacted,
  Refusal,
  Rejected,
  Reloaded,
  Renamed,
  ReplicaEvent,
  Resynced,
  RoleSet,
} from "./events.js";
export type { Given } from "./given.js";
export { Guest, guest, type OnRotate } from "./guest.js";
export type {
  Author,
  Difference,
  EntryChange,
  EntryEvent,
  History,
  Made,
  Page,
  PastState,
  PastVersion,
} from "./history.js";
export { normalise as normaliseCode, shown as shownCode } from "./jam/codes.js";
export type { Command } from "./jam/commands.js";
export type { Recap } from "./jam/recap.js";
export type { Settings } from "./jam/settings.js";
export type { Message, Role, Standing } from "./jam/state.js";
export type { Jam, JamSnapshot, Sync } from "./jam.js";
export type { JamInvite, JoinCode, Saved } from "./jam-requests.js";
export type {
  AcceptedInvite,
  DeviceLink,
  ImportedPlaylist,
  Library,
  LibraryPerson,
  Listed,
  ListedJam,
  ListedPlaylist,
  MadeInvite,
  PartOfList,
  PlaylistFormat,
  PlaylistInvite,
  PlaylistMember,
  UnmatchedEntry,
} from "./library.js";
export type {
  Batch,
  OfflinePlace,
  OfflineStore,
  StoredRefusal,
  StoredSession,
} from "./offline-store.js";
export { apply } from "./ot/apply.js";
export {
  diff,
  insertAt,
  moveRange,
  permute,
  removeRange,
  setAttribute,
  setField,
} from "./ot/build.js";
export { compose } from "./ot/compose.js";
export { follow } from "./ot/cursor.js";
export { type Document, EMPTY } from "./ot/document.js";
export { invert } from "./ot/invert.js";
export { type Component, IDENTITY, isIdentity, type Op, OpError } from "./ot/op.js";
export { type Side, transform } from "./ot/transform.js";
export type { Edits, Entry, Value } from "./ot/value.js";
export { decode, encode } from "./ot/wire.js";
export type { Performance } from "./performance.js";
export { artworkUrl, type Picture } from "./pictures.js";
export type { PlayedTrack, Player } from "./player.js";
export type { Member, Playlist, PlaylistSnapshot } from "./playlist.js";
export { type NamedTrack, type Reason, reasonText } from "./reasons.js";
export type { Status } from "./replica.js";
export { SearchBox, type Searched, type SearchSnapshot } from "./search-box.js";
export type { NowPlaying, Person, SkipVote, Song, Waiting } from "./songs.js";
export type { Stored, Write } from "./store.js";
export type { Suggestion, Suggestions } from "./suggestions.js";
export type { TokenFactory } from "./tokens.js";
export type { Track } from "./tracks.js";
export type { Tutti } from "./tutti.js";
export type { After } from "./waits.js";
export { type Aside, type ConnectOptions, connect } from "./way-in.js";
export type { Encoding, Payload } from "./wire/encoding.js";
export type { Body } from "./wire/messages.js";
export type { SocketClass, SocketLike } from "./wire.js";
