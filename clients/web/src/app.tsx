/** Which page is shown to whom. */

import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Button } from "./design/button.js";
import { Empty, Loading } from "./design/empty.js";
import { Notices } from "./design/notices.js";
import { Home } from "./home/home.js";
import { sentenceOf } from "./sentence.js";
import { HereProvider, useSession } from "./session/here.js";
import { SignIn } from "./session/sign-in.js";
import { Broken } from "./shell/broken.js";
import { NotFound } from "./shell/not-found.js";
import { Shell } from "./shell/shell.js";
import { STRINGS } from "./strings.js";

const PlaylistPage = lazy(() =>
  import("./playlist/playlist-page.js").then(page => ({ default: page.PlaylistPage })),
);
const HistoryPage = lazy(() =>
  import("./history/history-page.js").then(page => ({ default: page.HistoryPage })),
);
const JamPage = lazy(() => import("./jam/jam-page.js").then(page => ({ default: page.JamPage })));
const JoinPage = lazy(() => import("./jam/join-page.js").then(page => ({ default: page.JoinPage })));
const Invited = lazy(() => import("./home/invited.js").then(page => ({ default: page.Invited })));

export function App() {
  return (
    <Broken>
      <Notices>
        <Door />
      </Notices>
    </Broken>
  );
}

function Door() {
  const { state } = useSession();
  switch (state.kind) {
    case "stranger":
      return <SignIn wasSomebody={state.wasSomebody} />;
    case "coming":
      return state.isServerAway ? <Away /> : <Loading label={STRINGS.loading} rows={0} />;
    case "failed":
      return (
        <Empty
          title={sentenceOf(state.error)}
          isError
          action={
            <Button weight="primary" onClick={() => window.location.reload()}>
              {STRINGS.reload}
            </Button>
          }
        />
      );
    case "here":
      return (
        <HereProvider here={state}>
          <Shell>
            <Suspense fallback={<Loading label={STRINGS.loading} />}>
              <Switch>
                <Route path="/" component={Home} />
                <Route path="/p/:id" component={PlaylistPage} />
                <Route path="/p/:id/history" component={HistoryPage} />
                <Route path="/jam/:id" component={JamPage} />
                <Route path="/j/:code" component={JoinPage} />
                <Route path="/invite" component={Invited} />
                <Route component={NotFound} />
              </Switch>
            </Suspense>
          </Shell>
        </HereProvider>
      );
  }
}

function Away() {
  return (
    <main>
      <Empty title={STRINGS.shell.unreachable}>{STRINGS.shell.unreachableLead}</Empty>
    </main>
  );
}
