// The order of work: which cases are asked for, which stand together, which comes next.
import { queryString } from "../api/client";
import type { CaseRow, CaseState } from "../api/types";

/** What a person may filter by; the same keys stand in the address and in the API. */
export const FILTERS = [
  "state",
  "kind",
  "point",
  "camera",
  "verdict",
  "plate",
  "from",
  "until",
  "order",
] as const;

export const PAGE_SIZE = 50;

/** The API path of the list that an address means. Days are widened to whole days in Viet Nam. */
export function listPath(
  query: URLSearchParams,
  day: { start: (day: string) => string; end: (day: string) => string },
): string {
  const values: Record<string, string> = { limit: String(PAGE_SIZE) };
  for (const key of FILTERS) {
    const value = query.get(key);
    if (value) values[key] = value;
  }
  values.state ??= "flagged";
  values.order ??= "rank";
  if (values.from) values.from = day.start(values.from);
  if (values.until) values.until = day.end(values.until);
  return `/cases${queryString(values)}`;
}

/** Only what filters, so that a case's address carries its list and nothing else. */
export function listQuery(query: URLSearchParams): string {
  const values: Record<string, string> = {};
  for (const key of FILTERS) {
    const value = query.get(key);
    if (value) values[key] = value;
  }
  return queryString(values);
}

export interface Row {
  row: CaseRow;
  /** Where it stands in a run of cases of one vehicle; `alone` outside any. */
  place: "alone" | "first" | "middle" | "last";
}

/**
 * Brings cases of one vehicle together at the place of the best ranked one; the order is otherwise
 * the server's.
 */
export function grouped(rows: readonly CaseRow[]): Row[] {
  const runs = new Map<string, CaseRow[]>();
  for (const row of rows) {
    const key = row.group ?? row.id;
    const run = runs.get(key);
    if (run) run.push(row);
    else runs.set(key, [row]);
  }
  return [...runs.values()].flatMap((run) =>
    run.map((row, at): Row => {
      if (run.length === 1) return { row, place: "alone" };
      if (at === 0) return { row, place: "first" };
      return { row, place: at === run.length - 1 ? "last" : "middle" };
    }),
  );
}

/** Cases decided here, with the state in which they were decided: they have left that list. */
export type Decided = ReadonlyMap<string, CaseState>;

export function open(rows: readonly CaseRow[], decided: Decided): CaseRow[] {
  return rows.filter((row) => decided.get(row.id) !== row.state);
}

/**
 * The case beside `id` that waits for this person: not decided, not held by somebody else. `order`
 * is the list as it is shown. After the end it goes on at the beginning, for cases that were skipped.
 */
export function beside(
  order: readonly CaseRow[],
  id: string,
  step: 1 | -1,
  decided: Decided,
  me: string | null,
): CaseRow | null {
  const at = order.findIndex((row) => row.id === id);
  const n = order.length;
  for (let i = 1; i <= n; i += 1) {
    const index = at < 0 ? (step > 0 ? i - 1 : n - i) : (at + step * i + n * 2) % n;
    const row = order[index];
    if (!row || row.id === id || decided.get(row.id) === row.state) continue;
    if (row.held_by && row.held_by !== me) continue;
    return row;
  }
  return null;
}
