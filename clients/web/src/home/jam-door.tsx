/** The way into Jams: start one, type the code of one, or go back to one that goes on. */

import { AwaitingApproval } from "@tutti/client";
import { Disc3, LogIn } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Field } from "../design/field.js";
import { Staff } from "../design/staff.js";
import { CODE_LENGTH_MAX, tidied } from "../jam/typed-code.js";
import { sentenceOf } from "../sentence.js";
import { useHere, useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import styles from "./home.module.css";
import { useListed } from "./use-listed.js";

const WORDS = STRINGS.home;

export function JamDoor() {
  const { tutti } = useHere();
  const { name } = useMe();
  const [, go] = useLocation();
  const { items } = useListed((library, part) => library.jams(part));
  const [code, setCode] = useState("");
  const [error, setError] = useState<string>();
  const [doing, setDoing] = useState<"start" | "join" | null>(null);

  async function enter(what: "start" | "join"): Promise<void> {
    setDoing(what);
    setError(undefined);
    try {
      const jam =
        what === "start" ? await tutti.startJam({ name: WORDS.jamName(name) }) : await tutti.joinJam(code);
      go(`/jam/${jam.id}`);
    } catch (cause) {
      if (cause instanceof AwaitingApproval) {
        go(`/jam/${cause.jam}`);
      } else {
        setError(sentenceOf(cause));
      }
    } finally {
      setDoing(null);
    }
  }

  function join(event: FormEvent): void {
    event.preventDefault();
    void enter("join");
  }

  const live = (items ?? []).filter(({ status }) => status !== "ended");
  return (
    <section className={styles["jams"]} aria-labelledby="jams">
      <div className={styles["pitch"]}>
        <h2 id="jams">{WORDS.jams}</h2>
        <Staff isLive={live.some(({ status }) => status === "live")} />
      </div>
      <div className={styles["doors"]}>
        <div className={styles["start"]}>
          <p className={styles["label"]}>{WORDS.startLabel}</p>
          <Button
            weight="live"
            icon={<Disc3 aria-hidden="true" />}
            isBusy={doing === "start"}
            onClick={() => void enter("start")}
          >
            {WORDS.startJam}
          </Button>
          <p className={styles["hint"]}>{WORDS.startHint}</p>
        </div>
        <form onSubmit={join} className={styles["join"]}>
          <Field
            label={WORDS.joinLabel}
            hint={WORDS.joinHint}
            {...(error !== undefined && { error })}
            value={code}
            onChange={event => setCode(tidied(event.target.value))}
            maxLength={CODE_LENGTH_MAX}
            autoCapitalize="characters"
            spellCheck={false}
            enterKeyHint="go"
            required
            end={
              <Button type="submit" icon={<LogIn aria-hidden="true" />} isBusy={doing === "join"}>
                {WORDS.joinJam}
              </Button>
            }
          />
        </form>
      </div>
      {live.length > 0 && (
        <ul className={styles["going"]}>
          {live.map(({ id, name: jamName, status, host, people }) => (
            <li key={id}>
              <Link href={`/jam/${id}`} className={styles["jam"] ?? ""}>
                <span className={styles["state"]} data-status={status}>
                  {status === "live" ? WORDS.live : WORDS.sleeping}
                </span>
                <span className={styles["title"]}>{jamName}</span>
                <span className={styles["detail"]}>
                  {WORDS.by(host.name ?? WORDS.gone)} · {WORDS.people(people)}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
