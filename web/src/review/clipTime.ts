// Times of a clip: frames, marks, and how long a head has been red. Seconds from its first frame.
import type { Clip, SignalSpan } from "../api/types";

/** The frame shown at a time. */
export function frameAt(t: number, fps: number): number {
  return Math.max(0, Math.floor(t * fps + 1e-3));
}

/** A time in the middle of a frame, so that no rounding of the player shows its neighbour. */
export function stepTo(t: number, frames: number, clip: Pick<Clip, "fps" | "duration_s">): number {
  const last = Math.max(0, Math.ceil(clip.duration_s * clip.fps) - 1);
  const frame = Math.min(last, Math.max(0, frameAt(t, clip.fps) + frames));
  return (frame + 0.5) / clip.fps;
}

/** The mark before or after a time; the outermost one where there is none further out. */
export function markFrom(
  t: number,
  step: 1 | -1,
  clip: Pick<Clip, "before_s" | "act_s" | "after_s" | "fps">,
): number {
  const marks = [clip.before_s, clip.act_s, clip.after_s].sort((a, b) => a - b);
  const near = 0.75 / clip.fps;
  const found = step > 0 ? marks.find((m) => m > t + near) : marks.findLast((m) => m < t - near);
  return found ?? (step > 0 ? Math.max(...marks) : Math.min(...marks));
}

/** Where playing begins: shortly before the vehicle is shown before the act. */
export function startOf(clip: Pick<Clip, "before_s">): number {
  return Math.max(0, clip.before_s - 1);
}

/**
 * Seconds that the head has been red at `t`; null while it is not surely red. `redForS` counts at
 * the act and may reach back to before the clip.
 */
export function intoRed(
  signal: readonly SignalSpan[],
  head: string | undefined,
  actS: number,
  redForS: number | undefined,
  t: number,
): number | null {
  const red = (at: number) =>
    signal.find(
      (s) => s.state === "red" && (!head || s.head === head) && s.from_s <= at && at <= s.to_s,
    );
  const now = red(t);
  if (!now) return null;
  const atAct = red(actS);
  if (redForS !== undefined && atAct === now) return Math.max(0, redForS + t - actS);
  return Math.max(0, t - now.from_s);
}
