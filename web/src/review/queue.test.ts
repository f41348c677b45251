import { expect, test } from "vitest";
import type { CaseRow, CaseState } from "../api/types";
import { beside, grouped, listPath, open } from "./queue";

const row = (id: string, more: Partial<CaseRow> = {}): CaseRow =>
  ({ id, state: "flagged", group: id, held_by: null, ...more }) as CaseRow;

const none = new Map<string, CaseState>();

test("cases of one vehicle stand together where its best ranked one stands", () => {
  const rows = [row("a"), row("b", { group: "v" }), row("c"), row("d", { group: "v" })];
  expect(grouped(rows).map(({ row: r, place }) => `${r.id} ${place}`)).toEqual([
    "a alone",
    "b first",
    "d last",
    "c alone",
  ]);
});

test("cases without a group are not taken for one vehicle", () => {
  const rows = [row("a", { group: null }), row("b", { group: null })];
  expect(grouped(rows).map((r) => r.place)).toEqual(["alone", "alone"]);
});

test("the next case is neither decided nor held by another, and the end goes on at the start", () => {
  const rows = [row("a"), row("b", { held_by: "hoa" }), row("c"), row("d")];
  const decided = new Map<string, CaseState>([["c", "flagged"]]);
  expect(beside(rows, "a", 1, none, "me")?.id).toBe("c");
  expect(beside(rows, "a", 1, decided, "me")?.id).toBe("d");
  expect(beside(rows, "a", 1, decided, "hoa")?.id).toBe("b");
  expect(beside(rows, "d", 1, none, "me")?.id).toBe("a");
  expect(beside(rows, "a", -1, none, "me")?.id).toBe("d");
  expect(beside(rows, "gone", 1, none, "me")?.id).toBe("a");
  expect(beside([row("a")], "a", 1, none, "me")).toBeNull();
});

test("a decided case leaves the list of its old state and stands in that of its new one", () => {
  const decided = new Map<string, CaseState>([["a", "flagged"]]);
  expect(open([row("a")], decided)).toEqual([]);
  expect(open([row("a", { state: "first_confirmed" })], decided)).toHaveLength(1);
});

test("an address names its list; days are widened and unknown keys left out", () => {
  const day = { start: (d: string) => `${d}<`, end: (d: string) => `${d}>` };
  const query = new URLSearchParams("kind=red_light&until=2026-11-24&evil=1");
  expect(listPath(query, day)).toBe(
    "/cases?limit=50&kind=red_light&until=2026-11-24%3E&state=flagged&order=rank",
  );
});
