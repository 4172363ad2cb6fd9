/**
 * Has the browser keep the app, so that it opens without a server.
 *
 * Only a secure context can (https, or the server's own machine): elsewhere the page works as it did, from the server.
 */

/** Begins when the page has drawn and loaded what it wanted; whoever denies it is not asked again. */
export function keepApp(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) {
    return;
  }
  const begin = (): void => {
    navigator.serviceWorker.register("/sw.js").catch(() => undefined);
  };
  if (document.readyState === "complete") {
    begin();
  } else {
    window.addEventListener("load", begin, { once: true });
  }
}
