import { expect, test } from "vitest";
import { type Action, actionFor, type Key } from "./keys";

const press = (key: string, more: Partial<Key> = {}): Key => ({
  key,
  code: "",
  shift: false,
  ctrl: false,
  alt: false,
  meta: false,
  repeat: false,
  ...more,
});

const table: [string, Key, Action | null][] = [
  ["space plays", press(" "), { do: "play" }],
  ["enter confirms", press("Enter"), { do: "confirm" }],
  ["a held enter confirms nothing", press("Enter", { repeat: true }), null],
  ["1 rejects for the first reason", press("1"), { do: "reject", reason: "not_a_violation" }],
  [
    "a digit of the number block too",
    press("3", { code: "Numpad3" }),
    { do: "reject", reason: "plate_unreadable" },
  ],
  ["9 is the reason that needs a note", press("9"), { do: "reject", reason: "other" }],
  ["0 is no reason", press("0", { code: "Digit0" }), null],
  ["a held digit rejects nothing", press("1", { repeat: true }), null],
  ["a digit with shift is a sign", press("!", { code: "Digit1", shift: true }), null],
  ["arrows step", press("ArrowLeft"), { do: "step", frames: -1 }],
  ["held arrows go on", press("ArrowRight", { repeat: true }), { do: "step", frames: 1 }],
  ["arrows with shift move", press("ArrowUp", { shift: true }), { do: "pan", x: 0, y: 1 }],
  ["arrows up alone scroll", press("ArrowUp"), null],
  ["brackets go to marks", press("]"), { do: "mark", step: 1 }],
  ["capitals are letters", press("T", { shift: true }), { do: "track" }],
  [
    "a swallowed letter by its place",
    press("Process", { code: "KeyN" }),
    { do: "answer", answer: "no" },
  ],
  ["another layout's letter is what it says", press("x", { code: "KeyN" }), null],
  ["control leaves it to the browser", press("p", { ctrl: true }), null],
  ["alt leaves it to the browser", press("ArrowLeft", { alt: true }), null],
];

test.each(table)("%s", (_, key, action) => {
  expect(actionFor(key)).toEqual(action);
});
