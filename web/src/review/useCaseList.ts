// The list of cases that an address means, shared by the queue and the case screen, page by page.
import { useMemo } from "react";
import { get } from "../api/client";
import { useChanges } from "../api/events";
import type { CaseRow, Page } from "../api/types";
import { useQuery } from "../api/useQuery";
import { makeStore, useStore } from "../app/store";
import { endOfDay, startOfDay } from "../i18n/formats";
import { decidedStore } from "./outbox";
import { grouped, listPath, open, type Row } from "./queue";

interface Extra {
  items: CaseRow[];
  next: string | null;
}

const extras = makeStore<Record<string, Extra>>({});

export interface CaseList {
  rows: Row[];
  total: number | null;
  left: number;
  loading: boolean;
  error: unknown;
  reload: () => void;
  more: (() => Promise<void>) | null;
}

/** How old a list may be when a screen that was just left is shown again. */
const FRESH_MS = 3000;

export function useCaseList(query: URLSearchParams): CaseList {
  const path = listPath(query, { start: startOfDay, end: endOfDay });
  const first = useQuery<Page<CaseRow>>(path, FRESH_MS);
  const extra = useStore(extras)[path];
  const decided = useStore(decidedStore);
  useChanges(({ topic }) => {
    if (topic === "case" || topic === "cases" || topic === "return") later(first.reload);
  });

  const all = useMemo(() => {
    const seen = new Map<string, CaseRow>();
    for (const row of [...(first.data?.items ?? []), ...(extra?.items ?? [])]) {
      if (!seen.has(row.id)) seen.set(row.id, row);
    }
    return [...seen.values()];
  }, [first.data, extra]);
  const rows = useMemo(() => grouped(open(all, decided)), [all, decided]);

  const next = extra ? extra.next : (first.data?.next ?? null);
  const more =
    next === null
      ? null
      : async () => {
          const page = await get<Page<CaseRow>>(`${path}&after=${encodeURIComponent(next)}`);
          const before = extras.get()[path]?.items ?? [];
          extras.set({
            ...extras.get(),
            [path]: { items: [...before, ...page.items], next: page.next },
          });
        };
  const total = first.data?.total ?? null;
  return {
    rows,
    total,
    left: Math.max(0, (total ?? 0) - all.length),
    loading: first.loading && !first.data,
    error: first.error,
    reload: first.reload,
    more,
  };
}

let timer: ReturnType<typeof setTimeout> | null = null;

/** Many changes come at once when a clip is analysed: one question for all of them. */
function later(reload: () => void): void {
  if (timer) clearTimeout(timer);
  timer = setTimeout(reload, 700);
}
