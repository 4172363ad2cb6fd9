// A page in React over the hooks of the SDK; the test bundles it as an app would.

import { connect, guest } from "@tutti/client";
import { useJam, usePlaylist, useSearch, useTutti } from "@tutti/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

function List({ tutti, id }) {
  const { shown, error } = usePlaylist(tutti, id);
  if (error !== null) {
    return <p id="error">{error.code}</p>;
  }
  return (
    <ol id="list">
      {shown?.entries.map(entry => (
        <li key={entry.uid}>{entry.title}</li>
      ))}
    </ol>
  );
}

function Queue({ tutti, id }) {
  const { shown } = useJam(tutti, id);
  return <p id="queue">{shown?.queue.map(({ title, score }) => `${title} ${score}`).join(", ")}</p>;
}

function Search({ tutti }) {
  const { shown, type } = useSearch(tutti, 3);
  return (
    <>
      <input id="field" onChange={event => type(event.target.value)} />
      <p id="found">{shown.items.map(({ track }) => track.title).join(", ")}</p>
    </>
  );
}

function App({ tutti, playlist, jam }) {
  const { name, isConnected, isSaved } = useTutti(tutti);
  return (
    <>
      <p id="state">{`${name} ${isConnected ? "online" : "offline"} ${isSaved ? "saved" : "unsaved"}`}</p>
      <List tutti={tutti} id={playlist} />
      {jam === null ? null : <Queue tutti={tutti} id={jam} />}
      <Search tutti={tutti} />
    </>
  );
}

const root = createRoot(document.getElementById("root"));
let tutti;

window.page = {
  async connect(server) {
    const ada = await guest(server, "Ada");
    tutti = await connect(server, { token: ada.token });
    window.tutti = tutti;
    return ada.userId;
  },

  show({ playlist, jam }) {
    root.render(
      <StrictMode>
        <App tutti={tutti} playlist={playlist} jam={jam} />
      </StrictMode>,
    );
  },
};
