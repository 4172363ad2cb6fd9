/** What stands around every page: the way home, how the connection is, and whoever is here. */

import { lazy, type ReactNode, Suspense } from "react";
import { Link, useLocation } from "wouter";
import { Mark } from "../design/staff.js";
import { useNewer } from "../offline/use-newer.js";
import { useHere, useMe } from "../session/here.js";
import { useSound } from "../sound/use-sound.js";
import { STRINGS } from "../strings.js";
import { MyMenu } from "./my-menu.js";
import styles from "./shell.module.css";

const WORDS = STRINGS.shell;
const NowBar = lazy(() => import("./now-bar.js").then(part => ({ default: part.NowBar })));

export function Shell({ children }: { children: ReactNode }) {
  const { isConnected } = useMe();
  useNewer(isConnected);
  const { isKept } = useHere();
  const [path] = useLocation();
  const heard = useSound().state.jam;
  return (
    <div className={styles["shell"]}>
      <a className={styles["skip"]} href="#content">
        {WORDS.skip}
      </a>
      <header className={styles["top"]}>
        <Link href="/" className={styles["brand"] ?? ""} aria-label={`${STRINGS.app}: ${WORDS.toHome}`}>
          <Mark />
          <span>{STRINGS.app}</span>
        </Link>
        <MyMenu />
      </header>
      <p className={styles["word"]} role="status">
        {isConnected ? (isKept ? "" : WORDS.unkept) : isKept ? WORDS.offline : WORDS.offlineUnkept}
      </p>
      <main id="content" tabIndex={-1} className={styles["content"]}>
        {children}
      </main>
      {heard !== "" && path !== `/jam/${heard}` && (
        <Suspense>
          <NowBar id={heard} />
        </Suspense>
      )}
    </div>
  );
}
