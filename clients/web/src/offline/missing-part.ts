/**
 * Loads the page anew when a part of it is gone: the server has a newer app, whose parts have other names.
 *
 * Once, and not again within a moment: if the new page misses it, too, nothing is won by loading it over and over, and
 * the page says that it failed. While it is loaded anew nobody has to be told that there is a newer one.
 */

const LOADED_AT = "tutti:loaded-anew";
const AGAIN_MS = 60_000;

let isReloading = false;

/** Whether the page is on its way to the newer one. */
export function isLoadingAnew(): boolean {
  return isReloading;
}

export function reloadForMissingParts(): void {
  window.addEventListener("vite:preloadError", event => {
    if (mayReload()) {
      event.preventDefault();
      isReloading = true;
      window.location.reload();
    }
  });
}

function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(LOADED_AT) ?? "0");
    sessionStorage.setItem(LOADED_AT, String(Date.now()));
    return Math.abs(Date.now() - last) > AGAIN_MS;
  } catch {
    // Where nothing is kept, nobody can tell how often it was tried.
    return false;
  }
}
