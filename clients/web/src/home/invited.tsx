/** Where an invite link leads: it makes us a member, and goes on to the playlist. The secret is behind the `#`. */

import { RequestRefused } from "@tutti/client";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Empty, Loading } from "../design/empty.js";
import { sentenceOf } from "../sentence.js";
import { useLibrary } from "../session/here.js";
import { STRINGS } from "../strings.js";

const WORDS = STRINGS.invited;

export function Invited() {
  const library = useLibrary();
  const [, go] = useLocation();
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const secret = window.location.hash.slice(1);
    library?.acceptInvite(secret).then(
      ({ playlist }) => go(`/p/${playlist}`, { replace: true }),
      cause => setError(cause),
    );
  }, [library, go]);
  if (error === null) {
    return <Loading label={WORDS.opening} />;
  }
  // Whoever could not be asked has not said that it is over.
  const isInvalid = error instanceof RequestRefused;
  return (
    <Empty
      title={isInvalid ? WORDS.invalid : sentenceOf(error)}
      isError
      action={
        <Button weight="primary" onClick={() => go("/", { replace: true })}>
          {STRINGS.shell.toHome}
        </Button>
      }
    >
      {isInvalid ? WORDS.invalidLead : undefined}
    </Empty>
  );
}
