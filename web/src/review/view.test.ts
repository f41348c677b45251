import { expect, test } from "vitest";
import { MAX_SCALE, middleOf, panned, toVehicle, WHOLE, zoomed } from "./view";

test("what lies under the pointer stays under it", () => {
  const view = zoomed(zoomed(WHOLE, 2), 2, 0.75, 0.25);
  const before = zoomed(WHOLE, 2);
  expect(view.cx + 0.25 / view.scale).toBeCloseTo(before.cx + 0.25 / before.scale);
});

test("the picture never leaves the frame, and zooming out ends at the whole", () => {
  const far = panned(zoomed(WHOLE, 4), 50, -50);
  expect(far.cx).toBeCloseTo(0.125);
  expect(far.cy).toBeCloseTo(0.875);
  expect(zoomed(far, 0.01)).toEqual(WHOLE);
  expect(zoomed(WHOLE, 1e6).scale).toBe(MAX_SCALE);
});

test("following, each picture shows its own vehicle in the middle", () => {
  const view = toVehicle([[700, 400, 900, 600]], [1600, 900]);
  expect(middleOf(view, [700, 400, 900, 600], [1600, 900])).toEqual({ cx: 0.5, cy: 500 / 900 });
  const edge = middleOf(view, [0, 0, 20, 20], [1600, 900]);
  expect(edge.cx).toBeCloseTo(0.5 / view.scale);
});
