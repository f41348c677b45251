import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CaseRow, Decision, Session } from "../api/types";
import { signIn, signOut } from "../app/session";
import { decide, decidedStore, drop, outbox, UNDO_MS, undo } from "./outbox";

const row = { id: "c1", state: "flagged", kind: "red_light" } as CaseRow;
const confirm: Decision = {
  version: 3,
  decision: "confirm",
  reason: null,
  note: "",
  answers: {},
  seconds: 6.4,
};

interface Sent {
  path: string;
  method: string;
  headers: Record<string, string>;
}
let sent: Sent[] = [];
let answers: Record<string, { status: number; json: unknown }> = {};
let who: string | null = null;

const session = (): Session => ({
  account: who
    ? { name: who, full_name: who, roles: ["reviewer"], units: [], must_change_password: false }
    : null,
  csrf: who ? `token-of-${who}` : null,
  first_run: false,
  version: "0",
});

async function signInAs(name: string): Promise<void> {
  who = name;
  await signIn(name, "any");
}

const decisions = () => sent.filter((s) => s.path.endsWith("/decision"));

beforeEach(async () => {
  vi.useFakeTimers();
  sent = [];
  answers = { "/api/v1/cases/c1/decision": { status: 200, json: { id: "c1" } } };
  vi.stubGlobal("fetch", async (path: string, init: Sent & RequestInit) => {
    sent.push({ path, method: init.method, headers: init.headers });
    if (path === "/api/v1/session") {
      if (init.method === "DELETE") who = null;
      return new Response(init.method === "DELETE" ? null : JSON.stringify(session()), {
        status: init.method === "DELETE" ? 204 : 200,
      });
    }
    const answer = answers[path];
    if (!answer) throw new TypeError("network");
    return new Response(JSON.stringify(answer.json), { status: answer.status });
  });
  await signInAs("binh");
});

afterEach(() => {
  for (const one of outbox.get()) drop(one.number);
  vi.useRealTimers();
});

test("a decision is sent once, five seconds later, with the session's token", async () => {
  decide(row, confirm);
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(decisions()).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  expect(decisions()).toHaveLength(1);
  expect(decisions()[0]?.headers["x-giaolo-csrf"]).toBe("token-of-binh");
  expect(outbox.get()).toHaveLength(0);
});

test("what was undone is never sent, and its case waits again", async () => {
  decide(row, confirm);
  expect(decidedStore.get().has("c1")).toBe(true);
  expect(undo()?.id).toBe("c1");
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  expect(decisions()).toHaveLength(0);
  expect(decidedStore.get().has("c1")).toBe(false);
});

test("a decision is never sent under another name, and goes when its person is back", async () => {
  decide(row, confirm);
  await signOut();
  await signInAs("hoa");
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  expect(decisions()).toHaveLength(0);
  expect(outbox.get()[0]?.state).toBe("failed");
  await signInAs("binh");
  await vi.advanceTimersByTimeAsync(1);
  expect(decisions()).toHaveLength(1);
});

test("without a connection it stays on screen with its reason", async () => {
  answers = {};
  decide(row, confirm);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(outbox.get()[0]).toMatchObject({ state: "failed", error: { status: 0 } });
});

test.each([
  ["its answer was lost: the server has this very decision", "binh", 0],
  ["somebody else was quicker", "hoa", 1],
])("refused as changed, %s", async (_, last, left) => {
  answers["/api/v1/cases/c1/decision"] = { status: 409, json: { error: { code: "case_changed" } } };
  answers["/api/v1/cases/c1"] = {
    status: 200,
    json: {
      id: "c1",
      version: 4,
      state: "first_confirmed",
      first_by: last,
      history: [
        { who: last, action: "case.confirm" },
        { who: "an", action: "case.open" },
      ],
    },
  };
  decide(row, confirm);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(outbox.get()).toHaveLength(left);
});
