/**
 * The door: somebody says a name and is in.
 *
 * Whoever has the code of a Jam types it first; from then on they are at the address where its link leads.
 */

import { normaliseCode } from "@tutti/client";
import { ArrowRight } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Field } from "../design/field.js";
import { Mark, Staff } from "../design/staff.js";
import { CODE_LENGTH_MAX, tidied } from "../jam/typed-code.js";
import { sentenceOf } from "../sentence.js";
import { STRINGS } from "../strings.js";
import { useSession } from "./here.js";
import styles from "./sign-in.module.css";

const WORDS = STRINGS.signIn;

/** What is asked for: a name, the code of a Jam, or one from another device. */
type Question = "name" | "jam" | "device";
const OTHERS: readonly Question[] = ["name", "jam", "device"];

/** `wasSomebody`: this browser's key is not good any more. */
export function SignIn({ wasSomebody }: { wasSomebody: boolean }) {
  const { session } = useSession();
  const [path, go] = useLocation();
  const [question, setQuestion] = useState<Question>("name");
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  function ask(next: Question): void {
    setQuestion(next);
    setCode("");
    setError(undefined);
  }

  function toJam(): void {
    const jam = normaliseCode(code);
    if (jam === null) {
      setError(WORDS.noJamCode);
      return;
    }
    go(`/j/${jam}`);
    ask("name");
  }

  async function enter(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (question === "jam") {
      toJam();
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await (question === "device" ? session.link(code) : session.enter(name));
    } catch (cause) {
      setError(sentenceOf(cause));
      setBusy(false);
    }
  }

  return (
    <main className={styles["page"]}>
      <header className={styles["brand"]}>
        <Mark size={34} />
        <span>{STRINGS.app}</span>
      </header>
      <section className={styles["door"]}>
        <Staff isLive />
        <h1>{wasSomebody ? STRINGS.shell.signedOut : WORDS.title}</h1>
        <p className={styles["lead"]}>{wasSomebody ? STRINGS.shell.signedOutLead : leadFor(path)}</p>
        <form onSubmit={event => void enter(event)} className={styles["form"]}>
          {question === "device" && (
            <Field
              key="device"
              label={WORDS.linkCode}
              hint={WORDS.linkLead}
              {...(error !== undefined && { error })}
              value={code}
              onChange={event => setCode(event.target.value)}
              autoCapitalize="characters"
              spellCheck={false}
              autoFocus
              required
              maxLength={64}
              enterKeyHint="go"
            />
          )}
          {question === "jam" && (
            <Field
              key="jam"
              label={STRINGS.home.joinLabel}
              hint={STRINGS.home.joinHint}
              {...(error !== undefined && { error })}
              value={code}
              onChange={event => setCode(tidied(event.target.value))}
              autoCapitalize="characters"
              spellCheck={false}
              autoFocus
              required
              maxLength={CODE_LENGTH_MAX}
              enterKeyHint="next"
            />
          )}
          {question === "name" && (
            <Field
              key="name"
              label={WORDS.name}
              hint={WORDS.nameHint}
              {...(error !== undefined && { error })}
              value={name}
              onChange={event => setName(event.target.value)}
              autoComplete="nickname"
              autoFocus
              required
              maxLength={80}
              enterKeyHint="go"
            />
          )}
          <Button type="submit" weight="primary" isBusy={isBusy} icon={<ArrowRight aria-hidden="true" />}>
            {WORDS.enters[question]}
          </Button>
          <div className={styles["others"]}>
            {OTHERS.filter(other => other !== question && !(other === "jam" && isOfJam(path))).map(other => (
              <Button key={other} weight="plain" className={styles["other"]} onClick={() => ask(other)}>
                {WORDS.others[other]}
              </Button>
            ))}
          </div>
        </form>
      </section>
    </main>
  );
}

function leadFor(path: string): string {
  if (isOfJam(path)) {
    return WORDS.joining;
  }
  return path === "/invite" ? WORDS.invited : WORDS.lead;
}

function isOfJam(path: string): boolean {
  return /^\/j\//i.test(path);
}
