/** Where the page begins. */

import "@fontsource-variable/atkinson-hyperlegible-next/wght.css";
import "@fontsource-variable/bricolage-grotesque/wght.css";
import "./design/tokens.css";
import "./design/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { showChosenTheme } from "./design/theme.js";
import { keepApp } from "./offline/keep-app.js";
import { reloadForMissingParts } from "./offline/missing-part.js";

showChosenTheme();
reloadForMissingParts();
const place = document.getElementById("app");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
keepApp();
