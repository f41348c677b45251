import { expect, test } from "vitest";
import { frameAt, intoRed, markFrom, startOf, stepTo } from "./clipTime";

const clip = { fps: 10, duration_s: 6, before_s: 1.2, act_s: 2.1, after_s: 3 };

test("a step lands in the middle of the next frame and stops at both ends", () => {
  expect(frameAt(stepTo(2.1, 1, clip), 10)).toBe(22);
  expect(frameAt(stepTo(2.1, -1, clip), 10)).toBe(20);
  expect(frameAt(stepTo(0, -1, clip), 10)).toBe(0);
  expect(frameAt(stepTo(5.99, 1, clip), 10)).toBe(59);
});

test("ten steps are ten frames, without drift", () => {
  let t = 0;
  for (let i = 0; i < 10; i += 1) t = stepTo(t, 1, { fps: 29.97, duration_s: 6 });
  expect(frameAt(t, 29.97)).toBe(10);
});

test.each([
  [0, 1, 1.2],
  [1.2, 1, 2.1],
  [2.1, -1, 1.2],
  [5, -1, 3],
  [5, 1, 3],
  [0, -1, 1.2],
] as const)("from %s by %s the mark is %s", (t, step, mark) => {
  expect(markFrom(t, step, clip)).toBe(mark);
});

test("playing begins a second before the vehicle is shown, never before the clip", () => {
  expect(startOf({ before_s: 1.2 })).toBeCloseTo(0.2);
  expect(startOf({ before_s: 0.4 })).toBe(0);
});

const signal = [
  { head: "n", state: "amber", from_s: 0, to_s: 1 },
  { head: "n", state: "red", from_s: 1, to_s: 6 },
  { head: "e", state: "red", from_s: 0, to_s: 0.9 },
] as const;

test("time into red counts on from the act, also back to before the clip", () => {
  expect(intoRed(signal, "n", 2.1, 1.1, 3)).toBeCloseTo(2);
  expect(intoRed(signal, "n", 2.1, 12, 3)).toBeCloseTo(12.9);
  expect(intoRed(signal, "n", 2.1, undefined, 3)).toBeCloseTo(2);
});

test("no time into red where the head is not surely red, or another head is", () => {
  expect(intoRed(signal, "n", 2.1, 1.1, 0.5)).toBeNull();
  expect(intoRed([{ ...signal[1], state: "unknown" }], "n", 2.1, 1.1, 3)).toBeNull();
  expect(intoRed([], "n", 2.1, 1.1, 3)).toBeNull();
});
