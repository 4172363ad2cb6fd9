/** What a playlist was, version by version: who changed what, what became of it, and the way back. */

import type { History, Playlist, PlaylistSnapshot } from "@tutti/client";
import { usePlaylist, useShown } from "@tutti/client/react";
import { ArrowLeft, RotateCcw } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Link, useParams } from "wouter";
import { Button } from "../design/button.js";
import { Empty, Loading } from "../design/empty.js";
import { useNotify } from "../design/notices.js";
import { useAttempt } from "../design/use-attempt.js";
import { Gone } from "../playlist/gone.js";
import { useNames } from "../playlist/use-names.js";
import { sentenceOf } from "../sentence.js";
import { useHere } from "../session/here.js";
import { agoOf } from "../songs/times.js";
import { HISTORY as WORDS } from "../strings/history.js";
import { STRINGS } from "../strings.js";
import { compared } from "./compare.js";
import styles from "./history-page.module.css";
import { Moments } from "./moments.js";
import type { Past, PastSnapshot } from "./past.js";
import { PastList } from "./past-list.js";
import { TimeSlider } from "./time-slider.js";
import { useHistory } from "./use-history.js";

const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

export function HistoryPage() {
  const { id = "" } = useParams();
  const { tutti } = useHere();
  const { view, shown, error } = usePlaylist(tutti, id);
  const { history, past } = useHistory(tutti, id, shown?.version ?? null);
  const seen = useShown(past);
  const gone = shown?.error ?? error;
  if (gone !== null) {
    return <Gone error={gone} wasHere={shown !== null} />;
  }
  if (view === null || shown === null || history === null || past === null || seen === null) {
    return <Loading label={STRINGS.loading} rows={8} />;
  }
  return <Opened key={id} playlist={view} shown={shown} history={history} past={past} seen={seen} />;
}

function Opened({
  playlist,
  shown,
  history,
  past,
  seen,
}: {
  playlist: Playlist;
  shown: PlaylistSnapshot;
  history: History;
  past: Past;
  seen: PastSnapshot;
}) {
  const [nowMs] = useState(() => Date.now());
  const nameOf = useNames(shown);
  const isNow = seen.at === seen.newest;
  useEffect(() => {
    document.title = `${WORDS.tabTitle(shown.name)} · ${STRINGS.app}`;
    return () => {
      document.title = STRINGS.app;
    };
  }, [shown.name]);
  const { state } = seen;
  const then = isNow ? shown.entries : (state?.entries ?? null);
  const since = useMemo(() => compared(then ?? shown.entries, shown.entries), [then, shown.entries]);
  const version = seen.told.get(seen.at);
  const look = (to: number) => past.lookAt(to);
  return (
    <article className={styles["page"]}>
      <header className={styles["heading"]}>
        <Link href={`/p/${playlist.id}`} className={styles["back"] ?? ""}>
          <ArrowLeft aria-hidden="true" />
          {WORDS.backTo(shown.name)}
        </Link>
        <h1>{WORDS.title}</h1>
      </header>
      {seen.newest === 0 ? (
        <Empty title={WORDS.nothing}>{WORDS.nothingLead}</Empty>
      ) : (
        <>
          <TimeSlider past={seen} nowMs={nowMs} onLook={look} />
          <div className={styles["where"]}>
            <p className={styles["version"]}>
              <strong>{isNow ? WORDS.now : WORDS.versionOf(seen.at, seen.newest)}</strong>
              {version !== undefined && (
                <span>
                  {isNow
                    ? WORDS.lastChanged(agoOf(version.atMs, nowMs))
                    : WORDS.madeAt(MOMENT.format(version.atMs), agoOf(version.atMs, nowMs))}
                </span>
              )}
            </p>
            {!isNow && (
              <>
                <Button onClick={() => look(seen.newest)}>{WORDS.toNow}</Button>
                {shown.role !== "viewer" && <Restore history={history} past={past} version={seen.at} />}
              </>
            )}
          </div>
          <Moments past={seen} nowMs={nowMs} onLook={look} />
          <section className={styles["then"]} aria-label={WORDS.listThen}>
            <Since compared={since} count={then?.length ?? null} isNow={isNow} role={shown.role} />
            {seen.error !== null ? (
              <Empty
                title={WORDS.unreadable}
                isError
                action={<Button onClick={() => past.retry()}>{STRINGS.tryAgain}</Button>}
              >
                {sentenceOf(seen.error)}
              </Empty>
            ) : then === null ? (
              <Loading label={STRINGS.loading} rows={6} />
            ) : (
              <>
                {then.length === 0 && <p className={styles["empty"]}>{WORDS.emptyThen}</p>}
                <PastList
                  entries={then}
                  compared={since}
                  isOld={!isNow && state?.version !== seen.at}
                  nameOf={nameOf}
                />
              </>
            )}
          </section>
        </>
      )}
    </article>
  );
}

/** How the list that is shown differs from the one that is; read out when another is shown. */
function Since({
  compared: { gone, elsewhere, later },
  count,
  isNow,
  role,
}: {
  compared: ReturnType<typeof compared>;
  count: number | null;
  isNow: boolean;
  role: string;
}) {
  const facts = [
    ...(gone.size > 0 ? [{ kind: "gone", words: WORDS.goneSince(gone.size) }] : []),
    ...(elsewhere.size > 0 ? [{ kind: "elsewhere", words: WORDS.elsewhereSince(elsewhere.size) }] : []),
    ...(later.length > 0 ? [{ kind: "later", words: WORDS.laterSince(later.length) }] : []),
  ];
  return (
    <div className={styles["since"]} role="status">
      {isNow ? (
        <p>
          {WORDS.ofNow} {role === "viewer" && WORDS.forViewers}
        </p>
      ) : (
        count !== null && (
          <ul>
            <li>{WORDS.songs(count)}</li>
            {facts.map(({ kind, words }) => (
              <li key={kind} data-kind={kind}>
                {words}
              </li>
            ))}
            {facts.length === 0 && <li>{WORDS.same}</li>}
          </ul>
        )
      )}
    </div>
  );
}

/** Goes back for everybody; who pressed in error takes just that back, and what others did since stays. */
function Restore({ history, past, version }: { history: History; past: Past; version: number }) {
  const [isBusy, setBusy] = useState(false);
  const notify = useNotify();
  const attempt = useAttempt();
  const { tutti } = useHere();

  async function busily(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    await attempt(work);
    setBusy(false);
  }

  async function restore(): Promise<void> {
    const made = await history.restore(version);
    past.goOn(made);
    past.lookAt(made);
    notify({
      words: WORDS.restored(version),
      action: { label: STRINGS.undo, onChoose: () => void busily(() => takeBack(made)) },
    });
  }

  async function takeBack(made: number): Promise<void> {
    const { userId } = tutti.getSnapshot();
    const next = await history.takeBack(userId, made - 1);
    past.goOn(next);
    past.lookAt(next);
  }

  return (
    <Button
      weight="primary"
      isBusy={isBusy}
      icon={<RotateCcw aria-hidden="true" />}
      onClick={() => void busily(restore)}
    >
      {WORDS.restore}
    </Button>
  );
}
