// Decisions between the key and the server. Each waits five seconds in which it can be undone, is
// sent, and stays on screen where it could not be sent. Never sent under another name.
import { ApiError, connection, post } from "../api/client";
import type { CaseFull, CaseRow, CaseState, Decision } from "../api/types";
import { keep, load } from "../api/useQuery";
import { accountName, sessionStore } from "../app/session";
import { makeStore } from "../app/store";
import type { Decided } from "./queue";

export const UNDO_MS = 5000;

export interface Outgoing {
  number: number;
  account: string;
  row: CaseRow;
  decision: Decision;
  state: "waiting" | "sending" | "failed";
  error: unknown;
}

export const outbox = makeStore<readonly Outgoing[]>([]);
export const decidedStore = makeStore<Decided>(new Map<string, CaseState>());

const timers = new Map<number, ReturnType<typeof setTimeout>>();
let count = 0;

function update(number: number, change: Partial<Outgoing>): void {
  outbox.set(outbox.get().map((o) => (o.number === number ? { ...o, ...change } : o)));
}

function remove(number: number): void {
  const timer = timers.get(number);
  if (timer) clearTimeout(timer);
  timers.delete(number);
  outbox.set(outbox.get().filter((o) => o.number !== number));
}

function setDecided(id: string, state: CaseState | null): void {
  const next = new Map(decidedStore.get());
  if (state === null) next.delete(id);
  else next.set(id, state);
  decidedStore.set(next);
}

export function decide(row: CaseRow, decision: Decision): void {
  const account = accountName();
  if (account === null) return;
  count += 1;
  const number = count;
  outbox.set([...outbox.get(), { number, account, row, decision, state: "waiting", error: null }]);
  setDecided(row.id, row.state);
  timers.set(
    number,
    setTimeout(() => send(number), UNDO_MS),
  );
}

/** Takes back the last decision that still waits; its case, or null. */
export function undo(number?: number): CaseRow | null {
  const waiting = outbox.get().filter((o) => o.state === "waiting");
  const one = number === undefined ? waiting.at(-1) : waiting.find((o) => o.number === number);
  if (!one) return null;
  remove(one.number);
  setDecided(one.row.id, null);
  return one.row;
}

export function drop(number: number): void {
  const one = outbox.get().find((o) => o.number === number);
  if (!one) return;
  remove(number);
  setDecided(one.row.id, null);
}

/** Whether the server has this very decision although its answer was lost on the way. */
export function isRecorded(now: CaseFull, sent: Outgoing): boolean {
  const verb = sent.decision.decision;
  const last = now.history.findLast((entry) => entry.action.replace(/^case\./, "") === verb);
  if (now.version <= sent.decision.version || last?.who !== sent.account) return false;
  if (verb === "reject") return now.state === "rejected";
  return now.first_by === sent.account || now.state === "confirmed";
}

export async function send(number: number, keepalive = false): Promise<void> {
  const one = outbox.get().find((o) => o.number === number);
  if (!one || one.state === "sending") return;
  if (accountName() !== one.account) {
    update(number, { state: "failed", error: new ApiError(401, "signed_out", null, null, null) });
    return;
  }
  update(number, { state: "sending", error: null });
  const path = `/cases/${encodeURIComponent(one.row.id)}`;
  try {
    keep(path, await post<CaseFull>(`${path}/decision`, one.decision, { keepalive }));
    remove(number);
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) {
      const now = await load<CaseFull>(path).catch(() => null);
      if (now && isRecorded(now, one)) {
        remove(number);
        return;
      }
    }
    update(number, { state: "failed", error });
  }
}

/** Sends again what failed for want of a connection or of a session. */
function resend(): void {
  for (const one of outbox.get()) {
    if (one.state !== "failed" || one.account !== accountName()) continue;
    const status = one.error instanceof ApiError ? one.error.status : null;
    if (status === 0 || status === 503 || status === 401) void send(one.number);
  }
}

connection.watch(() => {
  if (connection.get() === "online") resend();
});
sessionStore.watch(resend);
if (typeof window !== "undefined") {
  window.addEventListener("pagehide", () => {
    for (const one of outbox.get()) if (one.state === "waiting") void send(one.number, true);
  });
}
