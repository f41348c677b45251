// Which key does what on the case screen. Pure, so that a table tests it.
import { REJECT_REASONS, type RejectReason } from "../api/types";

export type Action =
  | { do: "play" }
  | { do: "step"; frames: 1 | -1 }
  | { do: "mark"; step: 1 | -1 }
  | { do: "track" }
  | { do: "boxes" }
  | { do: "zoom"; factor: number }
  | { do: "fit" }
  | { do: "vehicle" }
  | { do: "pan"; x: number; y: number }
  | { do: "answer"; answer: "no" | "yes" }
  | { do: "all_no" }
  | { do: "plate" }
  | { do: "confirm" }
  | { do: "reject"; reason: RejectReason }
  | { do: "next"; step: 1 | -1 }
  | { do: "back" }
  | { do: "help" };

export interface Key {
  key: string;
  /** Where it is on the board: Vietnamese input methods swallow letters (`Process`). */
  code: string;
  shift: boolean;
  ctrl: boolean;
  alt: boolean;
  meta: boolean;
  /** It is held down. */
  repeat: boolean;
}

export function keyOf(event: KeyboardEvent): Key {
  return {
    key: event.key,
    code: event.code,
    shift: event.shiftKey,
    ctrl: event.ctrlKey,
    alt: event.altKey,
    meta: event.metaKey,
    repeat: event.repeat,
  };
}

const PAN: Record<string, [number, number]> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

const LETTERS: Record<string, Action> = {
  t: { do: "track" },
  b: { do: "boxes" },
  f: { do: "fit" },
  v: { do: "vehicle" },
  n: { do: "answer", answer: "no" },
  y: { do: "answer", answer: "yes" },
  a: { do: "all_no" },
  p: { do: "plate" },
  j: { do: "next", step: 1 },
  k: { do: "next", step: -1 },
  "[": { do: "mark", step: -1 },
  "]": { do: "mark", step: 1 },
  "?": { do: "help" },
  "+": { do: "zoom", factor: 1.5 },
  "=": { do: "zoom", factor: 1.5 },
  "-": { do: "zoom", factor: 1 / 1.5 },
};

/** A key held down may step through frames and move pictures; it never decides anything. */
const REPEATABLE = new Set<Action["do"]>(["step", "pan", "zoom"]);

function lookUp(key: Key): Action | null {
  if (key.key === " ") return { do: "play" };
  if (key.key === "Enter") return { do: "confirm" };
  if (key.key === "Escape") return { do: "back" };
  const pan = PAN[key.key];
  if (pan && key.shift) return { do: "pan", x: pan[0], y: pan[1] };
  if (key.key === "ArrowLeft") return { do: "step", frames: -1 };
  if (key.key === "ArrowRight") return { do: "step", frames: 1 };
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(key.code)?.[1] ?? /^[1-9]$/.exec(key.key)?.[0];
  const reason = digit && !key.shift ? REJECT_REASONS[Number(digit) - 1] : undefined;
  if (reason) return { do: "reject", reason };
  const known = LETTERS[key.key.toLowerCase()];
  if (known) return known;
  // Told by its place only where the input method hid which letter it is.
  const swallowed = key.key === "Process" || key.key === "Unidentified" || key.key === "Dead";
  const letter = swallowed ? /^Key([A-Z])$/.exec(key.code)?.[1]?.toLowerCase() : undefined;
  return (letter && LETTERS[letter]) || null;
}

export function actionFor(key: Key): Action | null {
  if (key.ctrl || key.alt || key.meta) return null;
  const action = lookUp(key);
  if (action && key.repeat && !REPEATABLE.has(action.do)) return null;
  return action;
}

/** Whether keys belong to the control that has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog")) return true;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Enter and space press a focused button or link; they are not ours then. */
export function pressesControl(key: Key, target: EventTarget | null): boolean {
  if (key.key !== "Enter" && key.key !== " ") return false;
  return target instanceof HTMLElement && target.closest("button, a, summary") !== null;
}
