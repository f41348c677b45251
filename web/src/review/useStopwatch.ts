// Seconds of looking: from the still's first paint to the decision, without the time in which the
// page was hidden.
import { useEffect, useRef } from "react";

export interface Stopwatch {
  start: () => void;
  seconds: () => number;
}

export function useStopwatch(): Stopwatch {
  const state = useRef<{ since: number | null; before: number; started: boolean }>({
    since: null,
    before: 0,
    started: false,
  });
  useEffect(() => {
    const onVisibility = () => {
      const now = state.current;
      if (!now.started) return;
      if (document.hidden && now.since !== null) {
        now.before += performance.now() - now.since;
        now.since = null;
      } else if (!document.hidden && now.since === null) {
        now.since = performance.now();
      }
    };
    document.addEventListener("visibilitychange", onVisibility);
    return () => document.removeEventListener("visibilitychange", onVisibility);
  }, []);
  return {
    start() {
      const now = state.current;
      if (now.started) return;
      now.started = true;
      now.since = document.hidden ? null : performance.now();
    },
    seconds() {
      const now = state.current;
      const running = now.since === null ? 0 : performance.now() - now.since;
      return Math.round((now.before + running) / 100) / 10;
    },
  };
}
