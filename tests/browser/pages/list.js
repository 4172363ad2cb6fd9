// A page that a test drives: a person with a playlist that outlives the page, and what the test asks of them.

import * as sdk from "/sdk/index.js";

let tutti;
let playlist;

/** Who was here last comes back; else somebody new. */
async function person(server, name) {
  const kept = JSON.parse(localStorage.getItem("person") ?? "null");
  const keep = refreshToken => {
    localStorage.setItem("person", JSON.stringify({ id: made.userId || kept?.id, refreshToken }));
  };
  let made;
  if (kept === null) {
    made = await sdk.guest(server, name);
    keep(made.refreshToken);
    made = new sdk.Guest(server, made.refreshToken, keep);
    return { id: JSON.parse(localStorage.getItem("person")).id, token: made.token };
  }
  made = new sdk.Guest(server, kept.refreshToken, keep);
  return { id: kept.id, token: made.token };
}

window.page = {
  sdk,
  isSecure: window.isSecureContext,

  async connect({ server, name, offline = true }) {
    const { id, token } = await person(server, name);
    tutti = await sdk.connect(server, { token, ...(offline && { offline: sdk.browserStore(id) }) });
    window.tutti = tutti;
    return id;
  },

  async open(id) {
    playlist = await tutti.openPlaylist(id);
    window.playlist = playlist;
    const show = () => {
      const items = playlist.getSnapshot().entries.map(entry => {
        const item = document.createElement("li");
        item.textContent = entry.title ?? entry.track;
        return item;
      });
      document.getElementById("list").replaceChildren(...items);
    };
    playlist.subscribe(show);
    show();
  },

  state: () => ({
    version: playlist.version,
    status: playlist.status,
    document: { entries: playlist.entries, attributes: playlist.attributes },
  }),
};
