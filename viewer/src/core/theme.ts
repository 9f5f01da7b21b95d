/** Light or dark: as the system has it, or as chosen. The choice lasts as long as the browser keeps it. */

export type Theme = "light" | "dark";

const KEY = "trace-ops-theme";

export function chosenTheme(): Theme | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null; // a page in a sandbox keeps nothing
  }
}

export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this page, then.
  }
}

export function currentTheme(): Theme {
  return document.documentElement.dataset["theme"] === "dark" ? "dark" : "light";
}

/** Keep the page in the theme that it should have; what is printed is light. */
export function followTheme(): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset["theme"] = chosenTheme() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["theme"] = "light";
  });
  addEventListener("afterprint", apply);
}
