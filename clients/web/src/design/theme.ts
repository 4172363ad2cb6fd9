/** Light or dark: as the device says, unless somebody chose here. Kept in the browser, where it may be. */

export type Theme = "auto" | "light" | "dark";

const KEPT_AS = "tutti:theme";

export function chooseTheme(theme: Theme): void {
  show(theme);
  try {
    localStorage.setItem(KEPT_AS, theme);
  } catch {
    // It lives as long as the page.
  }
}

/** As chosen before. Called before anything is drawn. */
export function showChosenTheme(): void {
  try {
    show((localStorage.getItem(KEPT_AS) as Theme | null) ?? "auto");
  } catch {
    show("auto");
  }
}

function show(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === "light" || theme === "dark") {
    dataset["theme"] = theme;
  } else {
    delete dataset["theme"];
  }
}
