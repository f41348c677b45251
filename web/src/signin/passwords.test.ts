import { expect, test } from "vitest";
import { passwordFault } from "./passwords";

test.each([
  ["", null, "an", null],
  ["ngắn quá", null, "an.nguyen", { short: 4 }],
  ["mười hai chữ", null, "an.nguyen", null],
  ["AN.NGUYEN có mật khẩu", null, "an.nguyen", "isName"],
  ["một câu dễ nhớ", "một câu khác", "", "differs"],
  ["một câu dễ nhớ", "một câu dễ nhớ", "", null],
] as const)("%s", (next, repeat, name, fault) => {
  expect(passwordFault(next, repeat, name)).toEqual(fault);
});
