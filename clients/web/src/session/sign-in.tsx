/** The door: somebody says a name and is in. */

import { ArrowRight } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../design/button.js";
import { Field } from "../design/field.js";
import { Mark, Staff } from "../design/staff.js";
import { sentenceOf } from "../sentence.js";
import { STRINGS } from "../strings.js";
import { useSession } from "./here.js";
import styles from "./sign-in.module.css";

const WORDS = STRINGS.signIn;

/** `wasSomebody`: this browser's key is not good any more. */
export function SignIn({ wasSomebody }: { wasSomebody: boolean }) {
  const { session } = useSession();
  const [isLinking, setLinking] = useState(false);
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function enter(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await (isLinking ? session.link(code) : session.enter(name));
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
        <p className={styles["lead"]}>
          {wasSomebody ? STRINGS.shell.signedOutLead : leadFor(window.location.pathname)}
        </p>
        <form onSubmit={event => void enter(event)} className={styles["form"]}>
          {isLinking ? (
            <Field
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
          ) : (
            <Field
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
            {isLinking ? WORDS.linkEnter : WORDS.enter}
          </Button>
          <Button
            weight="plain"
            className={styles["other"]}
            onClick={() => {
              setLinking(!isLinking);
              setError(undefined);
            }}
          >
            {isLinking ? WORDS.fromName : WORDS.fromDevice}
          </Button>
        </form>
      </section>
    </main>
  );
}

function leadFor(path: string): string {
  if (/^\/j\//i.test(path)) {
    return WORDS.joining;
  }
  return path === "/invite" ? WORDS.invited : WORDS.lead;
}
