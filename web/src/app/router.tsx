// Addresses of the screens, in some fifty lines: path and query, back and forward, links that a
// middle click opens beside.
import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { makeStore, useStore } from "./store";

export interface Place {
  path: string;
  query: URLSearchParams;
}

function read(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

const place = makeStore<Place>(
  typeof location === "undefined" ? { path: "/", query: new URLSearchParams() } : read(),
);

if (typeof window !== "undefined") window.addEventListener("popstate", () => place.set(read()));

export function go(to: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  place.set(read());
}

export function usePlace(): Place {
  return useStore(place);
}

/** The query as text with one key changed; empty values are left out. */
export function withQuery(query: URLSearchParams, changes: Record<string, string>): string {
  const next = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === "") next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  return text === "" ? "" : `?${text}`;
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: string;
}

export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const beside = event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
    if (beside || event.defaultPrevented) return;
    event.preventDefault();
    go(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}
