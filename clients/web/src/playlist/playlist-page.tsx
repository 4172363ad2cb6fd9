/** A playlist: what is in it, who is here, and everything that can be done with it. */

import type { Playlist, PlaylistSnapshot } from "@tutti/client";
import { usePlaylist } from "@tutti/client/react";
import { Lightbulb } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useParams } from "wouter";
import { Button } from "../design/button.js";
import { Empty, Loading } from "../design/empty.js";
import { useHush, useNotify } from "../design/notices.js";
import { useVoicesOf } from "../design/use-voices.js";
import { useHere, useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import { AddToPlaylist } from "./add-to-playlist.js";
import { uidOf } from "./entry.js";
import { EntryList } from "./entry-list.js";
import { Gone } from "./gone.js";
import { Heading } from "./heading.js";
import styles from "./playlist-page.module.css";
import { type Choice, NOTHING, remaining } from "./selection.js";
import { SelectionBar } from "./selection-bar.js";
import { useNames } from "./use-names.js";
import { useUndoKeys } from "./use-undo-keys.js";

const WORDS = STRINGS.playlist;
const Suggestions = lazy(() => import("./suggestions.js").then(part => ({ default: part.Suggestions })));

export function PlaylistPage() {
  const { id = "" } = useParams();
  const { tutti } = useHere();
  const { view, shown, error } = usePlaylist(tutti, id);
  const gone = shown?.error ?? error;
  if (gone !== null) {
    return <Gone error={gone} wasHere={shown !== null} />;
  }
  if (view === null || shown === null) {
    return <Loading label={STRINGS.loading} rows={8} />;
  }
  return <Opened key={id} playlist={view} shown={shown} />;
}

function Opened({ playlist, shown }: { playlist: Playlist; shown: PlaylistSnapshot }) {
  const [choice, setChoice] = useState<Choice>(NOTHING);
  const notify = useNotify();
  const hush = useHush();
  const { userId } = useMe();
  useVoicesOf(
    shown.members.map(({ user }) => user),
    userId,
  );
  const nameOf = useNames(shown);
  const canEdit = shown.role !== "viewer";
  const uids = useMemo(() => new Set(shown.entries.map(uidOf)), [shown.entries]);
  const kept = remaining(choice, uids);
  useUndoKeys(playlist);

  useEffect(() => {
    document.title = `${shown.name} · ${STRINGS.app}`;
    return () => {
      document.title = STRINGS.app;
    };
  }, [shown.name]);

  // Others see where we are as long as we are.
  useEffect(() => () => leaveCursor(playlist), [playlist]);

  const { refusals } = shown;
  useEffect(() => {
    const [first] = refusals;
    if (first !== undefined) {
      notify({ words: `${WORDS.refused(refusals.length)}: ${first.message}`, isError: true });
      playlist.dismissRefusals();
    }
  }, [refusals, notify, playlist]);

  const choose = useCallback(
    (next: Choice) => {
      if (next.uids.size > 0) {
        // The bar of what is chosen stands where words do.
        hush();
      }
      setChoice(next);
    },
    [hush],
  );
  return (
    <article className={styles["page"]}>
      <Heading playlist={playlist} shown={shown} />
      {canEdit && <AddToPlaylist playlist={playlist} />}
      {kept.uids.size > 0 && (
        <SelectionBar playlist={playlist} shown={shown} choice={kept} onChoice={choose} canEdit={canEdit} />
      )}
      {shown.entries.length === 0 ? (
        <Empty title={WORDS.empty}>{canEdit ? WORDS.emptyLead : WORDS.emptyViewer}</Empty>
      ) : (
        <EntryList
          playlist={playlist}
          entries={shown.entries}
          members={shown.members}
          canEdit={canEdit}
          choice={kept}
          onChoice={choose}
          nameOf={nameOf}
        />
      )}
      {canEdit && shown.entries.length > 0 && <SuggestionsBelow playlist={playlist} shown={shown} />}
    </article>
  );
}

/** Asked for by a press: who only reads the list does not make the server look. */
function SuggestionsBelow({ playlist, shown }: { playlist: Playlist; shown: PlaylistSnapshot }) {
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <Button
        className={styles["suggest"]}
        icon={<Lightbulb aria-hidden="true" />}
        onClick={() => setOpen(true)}
      >
        {WORDS.suggestions}
      </Button>
    );
  }
  return (
    <Suspense fallback={<Loading label={STRINGS.loading} rows={3} />}>
      <Suggestions playlist={playlist} shown={shown} onClose={() => setOpen(false)} />
    </Suspense>
  );
}

function leaveCursor(playlist: Playlist): void {
  if (playlist.isOpen) {
    playlist.setCursor(null);
  }
}
