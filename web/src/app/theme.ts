// Light, or dark for a dim control room. The first paint follows the system (first-paint.js).
import { kept, makeStore, useStore } from "./store";

export type Theme = "light" | "dark";

const theme = makeStore<Theme>(
  document.documentElement.dataset.theme === "dark" ? "dark" : "light",
);

export function useTheme(): Theme {
  return useStore(theme);
}

export function switchTheme(): void {
  const next = theme.get() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  kept.set("theme", next);
  theme.set(next);
}
