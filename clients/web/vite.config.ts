import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { serviceWorker } from "./service-worker/build.js";

// `npm run dev` shows the app as it is written, and asks a server beside it.
const SERVER = "http://127.0.0.1:8300";

export default defineConfig({
  plugins: [react(), serviceWorker()],
  // The SDK beside us has a React of its own for its tests.
  resolve: { dedupe: ["react", "react-dom"] },
  // A page under a strict policy takes no `data:` of ours but what is written in its own style sheets.
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    sourcemap: false,
    outDir: "dist",
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": { target: SERVER, ws: true }, "/j": SERVER } },
  test: { include: ["{src,service-worker}/**/*.test.{ts,tsx}"] },
});
