/**
 * Whether the server has a newer app than this page is.
 *
 * The document names its scripts and styles by what they hold; if the server's document names others, this page is the
 * older one. Works without a service worker, too. Knows documents. Does not know who asks.
 */

/** What this page began with: read at once, because pages that are opened later bring styles of their own. */
const OWN_PARTS = [
  ...document.querySelectorAll("head > script[type=module][src], head > link[rel=stylesheet]"),
].flatMap(part => part.getAttribute("src") ?? part.getAttribute("href") ?? []);

/** False also if nobody answers. */
export async function isOutdated(): Promise<boolean> {
  try {
    const answer = await fetch("/", { headers: { accept: "text/html" }, cache: "no-cache" });
    return answer.ok && namesOthers(await answer.text(), OWN_PARTS);
  } catch {
    return false;
  }
}

/** Whether a document is another build's than the one whose parts are these. */
function namesOthers(html: string, parts: readonly string[]): boolean {
  // A page that is not the app, such as a sign-in of a proxy's, says nothing about it.
  return html.includes("/assets/") && !parts.every(part => html.includes(`"${part}"`));
}
