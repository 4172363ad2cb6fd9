/** A Jam: what plays, what comes next, and the people who share it. */

import { type Jam, JamClosed, type JamSnapshot } from "@tutti/client";
import { useJam } from "@tutti/client/react";
import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useLocation, useParams } from "wouter";
import { Button } from "../design/button.js";
import { Empty, Loading } from "../design/empty.js";
import { useVoicesOf } from "../design/use-voices.js";
import { sentenceOf } from "../sentence.js";
import { useHere, useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import { AddToJam } from "./add-to-jam.js";
import { Chat } from "./chat.js";
import { JamHeading } from "./jam-heading.js";
import styles from "./jam-page.module.css";
import { NowPlaying } from "./now-playing.js";
import { People } from "./people.js";
import { Queue } from "./queue.js";
import { RecapView } from "./recap.js";

const WORDS = STRINGS.jam;
const PARTS = ["queue", "chat", "people"] as const;

export function JamPage() {
  const { id = "" } = useParams();
  // Whoever was let in asks anew.
  const [times, setTimes] = useState(0);
  return <JamOf key={`${id} ${times}`} id={id} onAdmitted={() => setTimes(times + 1)} />;
}

function JamOf({ id, onAdmitted }: { id: string; onAdmitted: () => void }) {
  const { tutti } = useHere();
  const { view, shown, error } = useJam(tutti, id);
  if (shown?.status === "ended" && view !== null) {
    return <RecapView jam={view} name={shown.name} />;
  }
  const gone = shown?.error ?? error;
  if (gone !== null) {
    return gone instanceof JamClosed && shown === null ? (
      <AtDoor id={id} onAdmitted={onAdmitted} />
    ) : (
      <Gone error={gone} />
    );
  }
  if (view === null || shown === null) {
    return <Loading label={STRINGS.loading} rows={8} />;
  }
  return <Opened jam={view} shown={shown} />;
}

function Opened({ jam, shown }: { jam: Jam; shown: JamSnapshot }) {
  const [part, setPart] = useState<(typeof PARTS)[number]>("queue");
  const { userId } = useMe();
  useVoicesOf(
    shown.members.filter(({ isHere }) => isHere).map(({ user }) => user),
    userId,
  );
  useEffect(() => {
    document.title = `${shown.name} · ${STRINGS.app}`;
    return () => {
      document.title = STRINGS.app;
    };
  }, [shown.name]);
  const queue = useRef<HTMLElement>(null);
  const mayAdd = shown.role !== "listener";

  /** At once: a phone shows its keys only for what is focused within a press. */
  function toSearch(): void {
    flushSync(() => setPart("queue"));
    queue.current?.querySelector("input")?.focus();
  }

  return (
    <article className={styles["page"]} data-part={part}>
      <JamHeading jam={jam} shown={shown} />
      <NowPlaying jam={jam} shown={shown} onAddFirst={mayAdd ? toSearch : null} />
      <div className={styles["parts"]} role="tablist" aria-label={shown.name}>
        {PARTS.map(each => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`tab-${each}`}
            aria-selected={part === each}
            aria-controls={`part-${each}`}
            onClick={() => setPart(each)}
          >
            {WORDS[each]}
            {each === "people" && ` ${shown.members.filter(({ isHere }) => isHere).length}`}
          </button>
        ))}
      </div>
      <section ref={queue} id="part-queue" aria-labelledby="tab-queue" className={styles["queue"]}>
        {mayAdd && <AddToJam jam={jam} />}
        <Queue jam={jam} shown={shown} />
      </section>
      <section id="part-chat" aria-labelledby="tab-chat" className={styles["chat"]}>
        <Chat jam={jam} shown={shown} />
      </section>
      <section id="part-people" aria-labelledby="tab-people" className={styles["people"]}>
        <People jam={jam} shown={shown} />
      </section>
    </article>
  );
}

/** Whoever is not in may be waiting to be let in. */
function AtDoor({ id, onAdmitted }: { id: string; onAdmitted: () => void }) {
  const { tutti } = useHere();
  const admitted = useRef(onAdmitted);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const leaving = new AbortController();
    tutti.admitted(id, leaving.signal).then(
      () => admitted.current(),
      cause => !leaving.signal.aborted && setError(cause),
    );
    return () => leaving.abort();
  }, [tutti, id]);
  if (error !== null) {
    return <Gone error={error} />;
  }
  return <Empty title={WORDS.atDoor}>{WORDS.atDoorLead}</Empty>;
}

function Gone({ error }: { error: unknown }) {
  const [, go] = useLocation();
  const isClosed = error instanceof JamClosed;
  return (
    <Empty
      title={isClosed ? WORDS.gone : sentenceOf(error)}
      isError
      action={
        <Button weight="primary" onClick={() => go("/")}>
          {STRINGS.shell.toHome}
        </Button>
      }
    >
      {isClosed ? WORDS.goneLead : undefined}
    </Empty>
  );
}
