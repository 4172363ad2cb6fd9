/** What is mine: the Jams that go on, and my playlists; and how to begin more. */

import { FileUp, ListMusic, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { Button } from "../design/button.js";
import { Empty, Loading } from "../design/empty.js";
import { ImportPlaylist } from "../files/import-playlist.js";
import { sentenceOf } from "../sentence.js";
import { useMe } from "../session/here.js";
import { FILES } from "../strings/files.js";
import { STRINGS } from "../strings.js";
import styles from "./home.module.css";
import { JamDoor } from "./jam-door.js";
import { NewPlaylist } from "./new-playlist.js";
import { useListed } from "./use-listed.js";

const WORDS = STRINGS.home;

export function Home() {
  const { userId } = useMe();
  const { items, total, error, isUnknown, more, again } = useListed(
    (library, part) => library.playlists(part),
    "playlists",
  );
  const [isMaking, setMaking] = useState(false);
  const [isImporting, setImporting] = useState(false);
  const make = (
    <Button weight="primary" icon={<Plus aria-hidden="true" />} onClick={() => setMaking(true)}>
      {WORDS.newPlaylist}
    </Button>
  );
  return (
    <div className={styles["page"]}>
      <h1 className="unseen">{WORDS.title}</h1>
      <JamDoor />
      <section aria-labelledby="playlists">
        <header className={styles["header"]}>
          <h2 id="playlists">{WORDS.playlists}</h2>
          {total > 0 && (
            <div className={styles["make"]}>
              <Button
                weight="plain"
                className={styles["import"]}
                icon={<FileUp aria-hidden="true" />}
                aria-label={FILES.import}
                title={FILES.import}
                onClick={() => setImporting(true)}
              >
                {FILES.take}
              </Button>
              {make}
            </div>
          )}
        </header>
        {error !== null && items === null && (
          <Empty
            isPlain
            title={sentenceOf(error)}
            isError
            action={<Button onClick={again}>{STRINGS.tryAgain}</Button>}
          />
        )}
        {isUnknown && (
          <Empty isPlain title={WORDS.unknown}>
            {WORDS.unknownLead}
          </Empty>
        )}
        {error === null && items === null && !isUnknown && <Loading label={STRINGS.loading} rows={4} />}
        {items?.length === 0 && (
          <Empty
            isPlain
            title={WORDS.noPlaylists}
            action={
              <div className={styles["make-first"]}>
                {make}
                <Button icon={<FileUp aria-hidden="true" />} onClick={() => setImporting(true)}>
                  {FILES.import}
                </Button>
              </div>
            }
          >
            {WORDS.noPlaylistsLead}
          </Empty>
        )}
        {items !== null && items.length > 0 && (
          <ul className={styles["playlists"]}>
            {items.map(({ id, name, owner, tracks }) => (
              <li key={id}>
                <Link href={`/p/${id}`} className={styles["playlist"] ?? ""}>
                  <span className={styles["sleeve"]} aria-hidden="true">
                    <ListMusic />
                  </span>
                  <span className={styles["title"]}>{name}</span>
                  <span className={styles["detail"]}>
                    {WORDS.songs(tracks.total)}
                    {owner.id !== userId && ` · ${WORDS.by(owner.name ?? WORDS.gone)}`}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
        {items !== null && items.length < total && (
          <p className={styles["more"]}>
            <Button onClick={more}>{WORDS.older}</Button>
          </p>
        )}
      </section>
      {isImporting && <ImportPlaylist onClose={() => setImporting(false)} />}
      {isMaking && <NewPlaylist onClose={() => setMaking(false)} />}
    </div>
  );
}
