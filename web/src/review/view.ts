// One zoom and pan for three pictures. Coordinates are shares of the picture, 0 to 1.
import type { PixelBox } from "../api/types";

export interface View {
  scale: number;
  /** The middle of what is seen. With `follow`, an offset of 0.5 from each picture's own vehicle. */
  cx: number;
  cy: number;
  follow: boolean;
}

export const WHOLE: View = { scale: 1, cx: 0.5, cy: 0.5, follow: false };
export const MAX_SCALE = 12;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export function zoomed(view: View, factor: number, px = 0.5, py = 0.5): View {
  const scale = clamp(view.scale * factor, 1, MAX_SCALE);
  if (scale === 1) return WHOLE;
  // What lies under the pointer stays under it.
  const cx = view.cx + (px - 0.5) / view.scale - (px - 0.5) / scale;
  const cy = view.cy + (py - 0.5) / view.scale - (py - 0.5) / scale;
  return bounded({ ...view, scale, cx, cy });
}

/** Moves by shares of the frame: 0.1 is a tenth of what is seen. */
export function panned(view: View, dx: number, dy: number): View {
  return bounded({ ...view, cx: view.cx - dx / view.scale, cy: view.cy - dy / view.scale });
}

function bounded(view: View): View {
  if (view.follow) return { ...view, cx: clamp(view.cx, 0, 1), cy: clamp(view.cy, 0, 1) };
  const half = 0.5 / view.scale;
  return { ...view, cx: clamp(view.cx, half, 1 - half), cy: clamp(view.cy, half, 1 - half) };
}

/** So near that the largest of the vehicles fills about half of its picture. */
export function toVehicle(boxes: readonly PixelBox[], [w, h]: readonly [number, number]): View {
  const share = Math.max(
    0.02,
    ...boxes.map(([x1, y1, x2, y2]) => Math.max((x2 - x1) / w, (y2 - y1) / h)),
  );
  return { scale: clamp(0.55 / share, 1.5, MAX_SCALE), cx: 0.5, cy: 0.5, follow: true };
}

/** The middle of what one picture shows, its own vehicle followed where the view follows. */
export function middleOf(
  view: View,
  box: PixelBox | null,
  [w, h]: readonly [number, number],
): { cx: number; cy: number } {
  const half = 0.5 / view.scale;
  if (!view.follow || !box) {
    return { cx: clamp(view.cx, half, 1 - half), cy: clamp(view.cy, half, 1 - half) };
  }
  const cx = (box[0] + box[2]) / 2 / w + view.cx - 0.5;
  const cy = (box[1] + box[3]) / 2 / h + view.cy - 0.5;
  return { cx: clamp(cx, half, 1 - half), cy: clamp(cy, half, 1 - half) };
}
