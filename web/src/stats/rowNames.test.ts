import { expect, test } from "vitest";
import type { CountRow } from "../api/types";
import { en } from "../i18n/en";
import { makeFormats } from "../i18n/formats";
import { rowNames } from "./CountsScreen";
import { isOneLine } from "./coverage";

const row = (key: Partial<CountRow["key"]>): CountRow => ({
  key: { camera: "C1", line: "north", way: "forward", movement: null, class: null, ...key },
  cells: [],
});
const speech = {
  language: "en" as const,
  t: en,
  f: makeFormats("en"),
  pick: (_: string, english: string) => english,
};

test("rows are named by what tells them apart, so that no two have one name", () => {
  const oneLine = [row({ class: "car" }), row({ class: "bus" })];
  expect(rowNames(oneLine, "class", speech)).toEqual(["passenger car", "coach / bus"]);
  const twoLines = [row({ class: "car" }), row({ class: "car", line: "south", way: "back" })];
  expect(rowNames(twoLines, "class", speech)).toEqual([
    "north · forward · passenger car",
    "south · back · passenger car",
  ]);
  expect(rowNames([row({}), row({ camera: "C2" })], "line", speech)).toEqual([
    "C1 · north · forward",
    "C2 · north · forward",
  ]);
  expect(rowNames([row({})], "movement", speech)).toEqual(["no drawn movement"]);
});

test("a sum is offered for one line only: a vehicle over two lines would count twice", () => {
  const of = (rows: CountRow[]) => isOneLine({ bins: [], rows, peak: null });
  expect(of([row({ way: "forward" }), row({ way: "back" })])).toBe(true);
  expect(of([row({}), row({ line: "south" })])).toBe(false);
  expect(of([row({}), row({ camera: "C2" })])).toBe(false);
});
