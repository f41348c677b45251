// What changes on the server, as it changes. One connection for all screens; when it comes back
// after a break, everybody asks again, because nobody knows what was missed.
import { useEffect, useRef } from "react";

export type Topic = "case" | "cases" | "cameras" | "counts" | "return";

export interface Change {
  topic: Topic;
  id: string | null;
  version: number | null;
}

const TOPICS: readonly Topic[] = ["case", "cases", "cameras", "counts"];
const RETRY_MS = 10_000;
const listeners = new Set<(change: Change) => void>();
let source: EventSource | null = null;

function tell(change: Change): void {
  for (const listener of listeners) listener(change);
}

let lost = false;

function open(): void {
  source = new EventSource("/api/v1/events");
  source.onopen = () => {
    if (lost) tell({ topic: "return", id: null, version: null });
    lost = false;
  };
  source.onerror = () => {
    lost = true;
    // A refusal (a session that ended) closes it for good; a cut line it mends itself.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    setTimeout(() => {
      if (!source && listeners.size > 0) open();
    }, RETRY_MS);
  };
  for (const topic of TOPICS) {
    source.addEventListener(topic, (event: MessageEvent<string>) => {
      let data: { id?: string | null; version?: number | null } = {};
      try {
        data = JSON.parse(event.data) as typeof data;
      } catch {
        // A topic without data still says that something changed.
      }
      tell({ topic, id: data.id ?? null, version: data.version ?? null });
    });
  }
}

/** Calls `listener` for each change while the screen is shown. */
export function useChanges(listener: (change: Change) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const mine = (change: Change) => latest.current(change);
    listeners.add(mine);
    if (!source) open();
    return () => {
      listeners.delete(mine);
      if (listeners.size === 0) {
        source?.close();
        source = null;
      }
    };
  }, []);
}
