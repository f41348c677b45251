// A flat map of a town: degrees to a plane in kilometres, and the outline around a unit's points.

export interface Point {
  x: number;
  y: number;
}

const KM_PER_DEGREE = 111.32;

/** Kilometres east and south of `origin`: right for a town, not for a country. */
export function project(
  latitude: number,
  longitude: number,
  origin: { latitude: number; longitude: number },
): Point {
  const shrink = Math.cos((origin.latitude * Math.PI) / 180);
  return {
    x: (longitude - origin.longitude) * KM_PER_DEGREE * shrink,
    y: (origin.latitude - latitude) * KM_PER_DEGREE,
  };
}

/** The convex outline of points (Andrew's monotone chain); one or two points are their own outline. */
export function outline(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  const half = (order: readonly Point[]) => {
    const chain: Point[] = [];
    for (const p of order) {
      while (chain.length >= 2 && !turnsLeft(chain.at(-2), chain.at(-1), p)) chain.pop();
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turnsLeft(a: Point | undefined, b: Point | undefined, c: Point): boolean {
  if (!a || !b) return true;
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0;
}

/** A round length of a scale bar, in kilometres, that is at most `most` long. */
export function scaleBar(most: number): number {
  const lengths = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];
  return lengths.findLast((length) => length <= most) ?? 0.1;
}
