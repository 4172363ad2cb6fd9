/** The way back, beside the title of a page. */

import { ChevronLeft } from "lucide-react";
import { Link } from "wouter";
import { STRINGS } from "../strings.js";
import styles from "./to-library.module.css";

export function ToLibrary() {
  return (
    <Link
      href="/"
      className={styles["way"] ?? ""}
      aria-label={STRINGS.shell.backHome}
      title={STRINGS.shell.backHome}
    >
      <ChevronLeft aria-hidden="true" />
    </Link>
  );
}
