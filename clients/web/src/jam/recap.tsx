/** What an evening was, once it is over. */

import type { Entry, Jam, Recap } from "@tutti/client";
import { ListMusic } from "lucide-react";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Empty, Loading } from "../design/empty.js";
import { Staff } from "../design/staff.js";
import { useAttempt } from "../design/use-attempt.js";
import { sentenceOf } from "../sentence.js";
import { lengthOf } from "../songs/times.js";
import { STRINGS } from "../strings.js";
import styles from "./recap.module.css";
import { RecapPicture } from "./recap-picture.js";

const WORDS = STRINGS.jam.recap;

export function RecapView({ jam, name }: { jam: Jam; name: string }) {
  const [recap, setRecap] = useState<Recap | null>(null);
  const [error, setError] = useState<unknown>(null);
  const command = useAttempt();
  const [, go] = useLocation();
  useEffect(() => {
    jam.recap().then(setRecap, setError);
  }, [jam]);
  if (error !== null) {
    return <Empty title={sentenceOf(error)} isError />;
  }
  if (recap === null) {
    return <Loading label={STRINGS.loading} />;
  }
  const names = new Map(recap.people.map(({ user, name: called }) => [user, called]));
  const nameOf = (user: string) => names.get(user) ?? "";
  const liked = recap.liked.flatMap(play => recap.played.filter(each => each.play === play)).slice(0, 3);
  return (
    <article className={styles["recap"]}>
      <Staff isLive />
      <h1>{WORDS.title(name)}</h1>
      <ul className={styles["facts"]}>
        <li>{WORDS.songs(recap.played.length)}</li>
        <li>{WORDS.music(lengthOf(recap.music_ms))}</li>
        <li>{WORDS.people(recap.people_in_all)}</li>
      </ul>
      {recap.played.length > 0 && <RecapPicture jam={jam} name={name} />}
      {recap.played.length > 0 && (
        <Button
          weight="primary"
          icon={<ListMusic aria-hidden="true" />}
          onClick={() =>
            void command(async () => {
              const { playlist } = await jam.saveAsPlaylist();
              go(`/p/${playlist}`);
            })
          }
        >
          {WORDS.save}
        </Button>
      )}
      {liked.length > 0 && (
        <section>
          <h2>{WORDS.liked}</h2>
          <ol className={styles["songs"]}>
            {liked.map(({ play, track, added_by: by }) => (
              <li key={play}>
                <strong>{titleOf(track)}</strong> <span>{nameOf(by)}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
      <section>
        <h2>{WORDS.played}</h2>
        <ol className={styles["songs"]}>
          {recap.played.map(({ play, track, added_by: by }) => (
            <li key={play} data-skipped={recap.skipped.includes(play)}>
              <strong>{titleOf(track)}</strong>{" "}
              <span>{recap.skipped.includes(play) ? WORDS.skipped : nameOf(by)}</span>
            </li>
          ))}
        </ol>
      </section>
    </article>
  );
}

function titleOf(track: Entry): string {
  return String(track["title"] ?? track["track"]);
}
