// Answers to GET requests, kept by path: shown at once when a screen comes back, asked again behind
// it. Also what makes the next case ready before it is wanted.
import { useCallback, useEffect, useReducer, useRef } from "react";
import { ApiError, get } from "./client";

interface Entry {
  data: unknown;
  at: number;
}

const KEEP = 200;
const entries = new Map<string, Entry>();
const flights = new Map<string, Promise<unknown>>();
const watchers = new Map<string, Set<() => void>>();

function tell(path: string): void {
  for (const watcher of watchers.get(path) ?? []) watcher();
}

/** Puts an answer in place of what is kept: after a decision the server answers the case. */
export function keep(path: string, data: unknown): void {
  entries.delete(path);
  entries.set(path, { data, at: Date.now() });
  const oldest = entries.keys().next().value;
  if (entries.size > KEEP && oldest !== undefined) entries.delete(oldest);
  tell(path);
}

/** Forgets everything: another person signed in. */
export function forgetAll(): void {
  entries.clear();
  flights.clear();
}

export function load<T>(path: string, maxAgeMs = 0): Promise<T> {
  const entry = entries.get(path);
  // A clock that was set back must not make an old answer new.
  const age = entry ? Date.now() - entry.at : -1;
  if (entry && age >= 0 && age < maxAgeMs) return Promise.resolve(entry.data as T);
  const flying = flights.get(path);
  if (flying) return flying as Promise<T>;
  const flight = get<T>(path)
    .then((data) => {
      if (flights.get(path) === flight) keep(path, data);
      return data;
    })
    .finally(() => {
      if (flights.get(path) === flight) flights.delete(path);
    });
  flights.set(path, flight);
  return flight;
}

export interface Query<T> {
  data: T | undefined;
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
}

/** The answer of `path`; null asks nothing. `freshMs`: how old an answer is as good as new. */
export function useQuery<T>(path: string | null, freshMs = 0): Query<T> {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const state = useRef<{ path: string | null; error: ApiError | null; loading: boolean }>({
    path: null,
    error: null,
    loading: false,
  });

  const ask = useCallback(
    (maxAgeMs: number) => {
      if (path === null) return;
      const mine = { path, error: null as ApiError | null, loading: true };
      state.current = mine;
      redraw();
      load<T>(path, maxAgeMs).then(
        () => {
          mine.loading = false;
          if (state.current === mine) redraw();
        },
        (cause: unknown) => {
          mine.loading = false;
          mine.error =
            cause instanceof ApiError ? cause : new ApiError(0, "broken", null, null, null);
          if (state.current === mine) redraw();
        },
      );
    },
    [path],
  );

  useEffect(() => {
    if (path === null) return;
    const set = watchers.get(path) ?? new Set();
    watchers.set(path, set);
    set.add(redraw);
    ask(freshMs);
    return () => {
      set.delete(redraw);
      if (set.size === 0) watchers.delete(path);
    };
  }, [path, freshMs, ask]);

  const current = state.current.path === path ? state.current : null;
  const reload = useCallback(() => ask(0), [ask]);
  return {
    data: path === null ? undefined : (entries.get(path)?.data as T | undefined),
    error: current?.error ?? null,
    loading: path !== null && (current?.loading ?? true),
    reload,
  };
}
