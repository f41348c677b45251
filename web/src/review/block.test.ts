import { expect, test } from "vitest";
import type { CaseFull } from "../api/types";
import { blockOf } from "./block";

type Needed = Pick<CaseFull, "may" | "plate" | "questions">;
const good: Needed = {
  may: { decide: true } as CaseFull["may"],
  plate: { shown: "61A-123.45", verdict: "sure", edited: false },
  questions: [
    { code: "priority_vehicle", vi: "", en: "" },
    { code: "officer_directing", vi: "", en: "" },
  ],
};
const no = { priority_vehicle: "no", officer_directing: "no" } as const;

const table: [string, Needed, Record<string, "no" | "yes" | "unknown">, boolean, unknown][] = [
  ["nothing is missing", good, no, false, null],
  ["one question is open", good, { priority_vehicle: "no" }, false, { why: "questions", left: 1 }],
  [
    "unknown is no answer",
    good,
    { ...no, officer_directing: "unknown" },
    false,
    { why: "questions", left: 1 },
  ],
  ["a yes closes it", good, { priority_vehicle: "yes" }, false, { why: "yes" }],
  ["another officer has it", good, no, true, { why: "taken" }],
  [
    "the server refuses",
    { ...good, may: { decide: false } as CaseFull["may"] },
    no,
    false,
    { why: "refused" },
  ],
  ["no plate", { ...good, plate: null }, no, false, { why: "plate" }],
  [
    "an unreadable plate",
    { ...good, plate: { shown: "", verdict: "unreadable", edited: false } },
    no,
    false,
    { why: "plate" },
  ],
  [
    "a doubtful plate",
    { ...good, plate: { shown: "61A-123.4?", verdict: "doubtful", edited: false } },
    no,
    false,
    { why: "doubtful" },
  ],
  [
    "doubt without a mark",
    { ...good, plate: { shown: "61A-123.45", verdict: "doubtful", edited: false } },
    no,
    false,
    { why: "doubtful" },
  ],
  [
    "a person settled the doubt",
    { ...good, plate: { shown: "61A-123.45", verdict: "doubtful", edited: true } },
    no,
    false,
    null,
  ],
];

test.each(table)("%s", (_, found, answers, taken, block) => {
  expect(blockOf(found, answers, taken)).toEqual(block);
});
