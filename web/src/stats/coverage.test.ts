import { expect, test } from "vitest";
import { overview, sumOf, trustOf } from "./coverage";

test.each([
  [{ count: 12, coverage: 1 }, "full"],
  [{ count: 0, coverage: 1 }, "full"],
  [{ count: 12, coverage: 0.96 }, "partial"],
  [{ count: null, coverage: 0 }, "none"],
  [{ count: 0, coverage: 0 }, "none"],
  [{ count: 3, coverage: null }, "none"],
])("%o is %s", (cell, trust) => {
  expect(trustOf(cell)).toBe(trust);
});

test("a gap is no zero, and a sum with a gap in it is no whole", () => {
  const gap = { count: null, coverage: 0 };
  expect(sumOf([gap, gap])).toEqual({ count: null, coverage: null });
  expect(sumOf([{ count: 5, coverage: 1 }, gap])).toEqual({ count: 5, coverage: 0 });
  expect(
    sumOf([
      { count: 5, coverage: 1 },
      { count: 2, coverage: 0.5 },
    ]),
  ).toEqual({
    count: 7,
    coverage: 0.5,
  });
});

test("an overview without any data has no total", () => {
  const key = { camera: null, line: null, way: null, movement: null, class: "car" };
  const bins = ["2026-11-24T00:00:00Z", "2026-11-24T01:00:00Z"];
  const gap = { count: null, coverage: 0 };
  expect(overview({ bins, rows: [{ key, cells: [gap, gap] }], peak: null })).toEqual({
    total: null,
    meanCoverage: 0,
    gaps: 2,
  });
  const seen = overview({
    bins,
    rows: [{ key, cells: [{ count: 4, coverage: 1 }, gap] }],
    peak: null,
  });
  expect(seen).toEqual({ total: 4, meanCoverage: 0.5, gaps: 1 });
});
