/** What is said of a playlist that is not there, or not for whoever is here. */

import { PlaylistClosed } from "@tutti/client";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Empty } from "../design/empty.js";
import { sentenceOf } from "../sentence.js";
import { STRINGS } from "../strings.js";

const WORDS = STRINGS.playlist;

/** `wasHere`: it was open on this page. */
export function Gone({ error, wasHere }: { error: unknown; wasHere: boolean }) {
  const [, go] = useLocation();
  const isClosed = error instanceof PlaylistClosed;
  const [title, lead] = wasHere ? [WORDS.gone, WORDS.goneLead] : [WORDS.notYours, WORDS.notYoursLead];
  return (
    <Empty
      title={isClosed ? title : sentenceOf(error)}
      isError
      action={
        <Button weight="primary" onClick={() => go("/")}>
          {STRINGS.shell.toHome}
        </Button>
      }
    >
      {isClosed ? lead : undefined}
    </Empty>
  );
}
