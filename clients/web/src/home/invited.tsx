/** Where an invite link leads: it makes us a member, and goes on to the playlist. The secret is behind the `#`. */

import { ClientError } from "@tutti/client";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Empty, Loading } from "../design/empty.js";
import { useLibrary } from "../session/here.js";
import { STRINGS } from "../strings.js";

const WORDS = STRINGS.invited;

export function Invited() {
  const library = useLibrary();
  const [, go] = useLocation();
  const [error, setError] = useState<ClientError | null>(null);
  useEffect(() => {
    const secret = window.location.hash.slice(1);
    library?.acceptInvite(secret).then(
      ({ playlist }) => go(`/p/${playlist}`, { replace: true }),
      cause => setError(cause instanceof ClientError ? cause : null),
    );
  }, [library, go]);
  if (error === null) {
    return <Loading label={WORDS.opening} />;
  }
  return (
    <Empty
      title={WORDS.invalid}
      isError
      action={
        <Button weight="primary" onClick={() => go("/", { replace: true })}>
          {STRINGS.shell.toHome}
        </Button>
      }
    >
      {WORDS.invalidLead}
    </Empty>
  );
}
