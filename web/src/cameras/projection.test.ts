import { expect, test } from "vitest";
import { outline, project, scaleBar } from "./projection";

test("a degree north is 111 km up, a degree east at 11 degrees less than that", () => {
  const origin = { latitude: 11, longitude: 106.7 };
  expect(project(12, 106.7, origin).y).toBeCloseTo(-111.32);
  expect(project(11, 107.7, origin).x).toBeCloseTo(109.27, 1);
});

test("an outline holds the outer points only; one or two are their own", () => {
  const square = [
    { x: 0, y: 0 },
    { x: 2, y: 0 },
    { x: 1, y: 1 },
    { x: 2, y: 2 },
    { x: 0, y: 2 },
  ];
  expect(outline(square)).toHaveLength(4);
  expect(outline(square)).not.toContainEqual({ x: 1, y: 1 });
  expect(outline([{ x: 1, y: 1 }])).toEqual([{ x: 1, y: 1 }]);
});

test("a scale bar is a round length that fits", () => {
  expect(scaleBar(3.7)).toBe(2);
  expect(scaleBar(0.01)).toBe(0.1);
});
