/** Where a Jam's QR symbol leads: in by the code in the address. */

import { AwaitingApproval, ClientError } from "@tutti/client";
import { useEffect, useState } from "react";
import { useLocation, useParams } from "wouter";
import { Button } from "../design/button.js";
import { Empty, Loading } from "../design/empty.js";
import { sentenceOf } from "../sentence.js";
import { useHere } from "../session/here.js";
import { STRINGS } from "../strings.js";

const WORDS = STRINGS.jam;

export function JoinPage() {
  const { code = "" } = useParams();
  const { tutti } = useHere();
  const [, go] = useLocation();
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let isWanted = true;
    tutti.joinJam(code).then(
      jam => isWanted && go(`/jam/${jam.id}`, { replace: true }),
      cause => {
        if (cause instanceof AwaitingApproval) {
          go(`/jam/${cause.jam}`, { replace: true });
        } else if (isWanted) {
          setError(cause);
        }
      },
    );
    return () => {
      isWanted = false;
    };
  }, [tutti, code, go]);
  if (error === null) {
    return <Loading label={WORDS.joining} rows={3} />;
  }
  const isKey = error instanceof ClientError && error.code === "key_invalid";
  return (
    <Empty
      title={isKey ? WORDS.noDoor : sentenceOf(error)}
      isError
      action={
        <Button weight="primary" onClick={() => go("/", { replace: true })}>
          {STRINGS.shell.toHome}
        </Button>
      }
    >
      {isKey ? WORDS.noDoorLead : undefined}
    </Empty>
  );
}
