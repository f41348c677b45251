import { expect, test } from "vitest";
import { cells, looksLikePlate } from "./plates";

const reading = (printed: string, doubtful: number[]) => ({
  printed,
  characters: [...printed.replace(/[^A-Z0-9]/g, "")].map((char, at) => ({
    char,
    score: 0.6,
    doubtful: doubtful.includes(at),
    others: [["8", 0.3]] as [string, number][],
  })),
});

test("doubtful characters are never shown as facts, wherever separators stand", () => {
  const shown = cells(reading("61-B1 234.56", [3, 8]));
  expect(shown.map((c) => c.shown).join("")).toBe("61-B? 234.5?");
  expect(shown.filter((c) => c.separator).map((c) => c.shown)).toEqual(["-", " ", "."]);
});

test("what may stand there is told for doubtful characters only, likeliest first", () => {
  const shown = cells(reading("61A", [2]));
  expect(shown[0]?.candidates).toEqual([]);
  expect(shown[2]?.candidates).toEqual([
    { char: "A", score: 0.6 },
    { char: "8", score: 0.3 },
  ]);
});

test("fewer characters than printed ones, and none at all, break nothing", () => {
  expect(
    cells({ printed: "61A-1", characters: [] })
      .map((c) => c.shown)
      .join(""),
  ).toBe("61A-1");
  expect(cells({ printed: "", characters: [] })).toEqual([]);
});

test.each([
  ["59-T1 461.01", true],
  ["61a12345", true],
  ["29-MĐ1 123.45", true],
  ["59-T1 461.0?", false],
  ["<b>61A</b>", false],
  ["61A", false],
  ["", false],
])("%s may be a plate: %s", (text, fits) => {
  expect(looksLikePlate(text)).toBe(fits);
});
