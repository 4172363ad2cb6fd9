/**
 * Everything that the app says, in one place.
 *
 * Words are grouped by where they stand. What depends on numbers or names is a function. Knows no markup.
 */

const plurals = new Intl.PluralRules("en");

/** "1 song", "3 songs". */
export function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${plurals.select(count) === "one" ? one : many}`;
}

export const STRINGS = {
  app: "Tutti",
  close: "Close",
  cancel: "Cancel",
  dismiss: "Dismiss",
  back: "Back",
  more: "More",
  tryAgain: "Try again",
  reload: "Reload",
  undo: "Undo",
  copy: "Copy",
  copied: "Copied",
  loading: "One moment …",

  signIn: {
    title: "Play it together",
    lead: "Build playlists with friends at the same time, and hear the same beat at the same moment.",
    name: "What shall the others call you?",
    nameHint: "No account, no e-mail: a name is enough.",
    enter: "Come in",
    joining: "You are joining a Jam. Say who you are, and you are in.",
    invited: "You are invited to a playlist. Say who you are, and it opens.",
    fromDevice: "I am on another device already",
    linkTitle: "Be the same person here",
    linkLead:
      "On your other device open the menu with your name, choose “Use another device”, and type what it shows.",
    linkCode: "Link code",
    linkEnter: "Continue as me",
  },

  shell: {
    you: "You",
    skip: "Skip to the content",
    offline: "Offline. What you do is kept here and travels when the server is back.",
    offlineUnkept: "Offline. What you do lives as long as this page is open.",
    unkept: "This browser keeps nothing for later, so leave the page open until everything is saved.",
    signedOut: "This browser does not know you any more",
    signedOutLead:
      "Its key was used elsewhere or has ended. Come in again with a name, or as yourself by a link code.",
    outdated: "This page is older than the server",
    outdatedLead: "Reload to go on. Nothing is lost.",
    unreachable: "The server does not answer",
    unreachableLead:
      "It may be starting, or the network is away. The page goes on by itself as soon as it answers.",
    failed: "Something broke on this page",
    failedLead: "What is saved is safe. Reload to go on.",
    notFound: "There is nothing here",
    notFoundLead: "The address may be old, or it belongs to a playlist that is not shared with you.",
    toHome: "To the library",
    device: "Use another device",
    rename: "Change my name",
    theme: { auto: "As the device", light: "Light", dark: "Dark" },
  },

  home: {
    title: "Library",
    playlists: "Playlists",
    jams: "Jams",
    newPlaylist: "New playlist",
    startJam: "Start a Jam",
    joinJam: "Join",
    joinLabel: "Code of a Jam",
    joinHint: "Eight letters and digits, such as K7QX-2MBD",
    name: "What is it called?",
    suggested: "Friday evening",
    create: "Create",
    noPlaylists: "No playlist yet",
    noPlaylistsLead: "Make the first one, and send its link to whoever should build it with you.",
    songs: (count: number) => counted(count, "song", "songs"),
    people: (count: number) => counted(count, "person", "people"),
    by: (name: string) => `by ${name}`,
    gone: "somebody who left",
    older: "Show more",
    live: "Live",
    sleeping: "Asleep",
    ended: "Ended",
    jamName: (name: string) => `${name}’s Jam`,
    waiting: "The host has to let you in",
    waitingLead: "They see that you are at the door. This page goes on by itself.",
  },

  playlist: {
    entries: "Songs",
    place: (place: number) => `Place ${place}`,
    addedBy: (name: string) => `Added by ${name}`,
    actionsOf: (title: string) => `What to do with ${title}`,
    toFirst: "To the beginning",
    toLast: "To the end",
    remove: "Remove",
    lifted: (count: number) => `${counted(count, "song", "songs")} lifted. Drop where they shall stand.`,
    dropped: (count: number, place: number) =>
      `${counted(count, "song", "songs")} dropped at place ${place}.`,
    movedTo: (count: number, place: number) => `${counted(count, "song", "songs")} moved to place ${place}.`,
    putBack: "Put back.",
    carried: (count: number) => counted(count, "song", "songs"),
    saved: "Saved",
    saving: "Saving …",
    waits: "Waits for the server",
    viewer: "You can look, and not change",
    undo: "Undo",
    redo: "Redo",
    share: "Share",
    more: "More",
    rename: "Name of the playlist",
    empty: "Nothing in it yet",
    emptyLead:
      "Search for songs above, or paste links to them. Whoever has the link adds theirs at the same time.",
    emptyViewer: "Whoever may change it has not added anything yet.",
    gone: "This playlist is not here any more",
    goneLead: "It was deleted, or you are no member of it any more.",
    notYours: "This playlist is not shared with you",
    notYoursLead: "Ask whoever sent you here for an invite link.",
    people: "Who is here",
    total: (count: number, length: string) => `${counted(count, "song", "songs")} · ${length}`,
    chosen: (count: number) => `${counted(count, "song", "songs")} chosen`,
    unchoose: "Choose none",
    removed: (count: number) => `${counted(count, "song", "songs")} removed`,
    smooth: "Order smoothly",
    smoothDone: "Ordered so that each song follows smoothly",
    smoothNothing: "Nothing to order: these songs say nothing of their tempo and key",
    suggestions: "Suggestions",
    history: "History",
    startJam: "Start a Jam with it",
    leave: "Leave this playlist",
    leaveLead:
      "It goes from your library. Whoever else is in it keeps it; if you are its last owner, it is deleted.",
    refused: (count: number) => `The server refused ${counted(count, "edit", "edits")} of yours`,
    add: {
      label: "Add songs",
      placeholder: "Search, or paste links",
      pasted: (count: number) => `Add ${counted(count, "song", "songs")} from links`,
      nothing: "Nothing found",
      nothingLead: "Try fewer letters, or paste a link to the song.",
      added: (title: string) => `${title} added`,
    },
  },

  share: {
    title: (name: string) => `Share ${name}`,
    whoever: "Whoever has the link",
    may: { editor: "may change it", viewer: "may look" },
    make: "Copy an invite link",
    copied: "The link is copied. It is good for a week.",
    address: "Invite link",
    hint: "A link is good for a week, and for everybody who has it.",
    members: "Who belongs to it",
    roles: { owner: "Owner", editor: "Editor", viewer: "Viewer" },
    roleOf: (name: string) => `What ${name} may do`,
    takeOut: (name: string) => `Take ${name} out`,
    you: "you",
  },

  invited: {
    opening: "Opening the playlist …",
    invalid: "This link opens nothing",
    invalidLead: "It may have ended, or was taken back. Ask whoever sent it for a new one.",
  },
} as const;
