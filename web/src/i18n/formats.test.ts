import { expect, test } from "vitest";
import { distance, endOfDay, makeFormats, startOfDay } from "./formats";

const vi = makeFormats("vi");
const en = makeFormats("en");

test("times are Viet Nam's, past midnight and past new year too", () => {
  expect(vi.moment("2026-12-31T17:30:05Z")).toBe("00:30:05 01/01/2027");
  expect(en.short("2026-11-24T00:30:00Z")).toBe("07:30 24/11");
});

test("a day asked for is a day in Viet Nam, its end the next day's start", () => {
  expect(startOfDay("2026-11-24")).toBe("2026-11-23T17:00:00.000Z");
  expect(endOfDay("2026-11-24")).toBe("2026-11-24T17:00:00.000Z");
});

test("numbers are written as in the language", () => {
  expect(vi.money(18_000_000)).toBe("18.000.000 đ");
  expect(en.money(18_000_000)).toBe("18,000,000 VND");
  expect(vi.decimal(6.4)).toBe("6,4");
});

test("what is not whole is never called a hundred per cent, what is there never none", () => {
  expect(en.percent(0.999)).toBe("99%");
  expect(en.percent(1)).toBe("100%");
  expect(en.percent(0.003)).toBe("< 1%");
  expect(en.percent(0)).toBe("0%");
});

test("what is no time is shown as it came, not as a date", () => {
  expect(vi.moment("soon")).toBe("soon");
});

test.each([
  ["2026-11-26T13:00:00Z", { unit: "days", n: 2 }],
  ["2026-11-25T10:00:00Z", { unit: "hours", n: 22 }],
  ["2026-11-24T09:00:00Z", { unit: "hours", n: -3 }],
  ["2026-11-14T12:00:00Z", { unit: "days", n: -10 }],
])("%s is so far away", (iso, far) => {
  expect(distance(iso, Date.parse("2026-11-24T12:00:00Z"))).toEqual(far);
});
