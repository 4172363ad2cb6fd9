/** What is shown when the app itself fails: React gives up a tree whose drawing throws. */

import { Component, type ReactNode } from "react";
import { Button } from "../design/button.js";
import { Empty } from "../design/empty.js";
import { STRINGS } from "../strings.js";

export class Broken extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    if (!this.state.isBroken) {
      return this.props.children;
    }
    return (
      <main>
        <Empty
          title={STRINGS.shell.failed}
          isError
          action={
            <Button weight="primary" onClick={() => window.location.reload()}>
              {STRINGS.reload}
            </Button>
          }
        >
          {STRINGS.shell.failedLead}
        </Empty>
      </main>
    );
  }
}
