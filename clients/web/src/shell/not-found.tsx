/** An address that leads nowhere. */

import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Empty } from "../design/empty.js";
import { STRINGS } from "../strings.js";

export function NotFound() {
  const [, go] = useLocation();
  return (
    <Empty
      title={STRINGS.shell.notFound}
      action={
        <Button weight="primary" onClick={() => go("/")}>
          {STRINGS.shell.toHome}
        </Button>
      }
    >
      {STRINGS.shell.notFoundLead}
    </Empty>
  );
}
