// How far a figure may be trusted. A gap is a gap, never 0.
import type { CountCell, Counts } from "../api/types";

export type Trust = "full" | "partial" | "none";

/** A share that rounds to a hundred per cent and is not one is still partial. */
export function trustOf(cell: CountCell): Trust {
  if (cell.count === null || cell.coverage === null || cell.coverage <= 0) return "none";
  return cell.coverage >= 0.995 ? "full" : "partial";
}

/** The rows of one interval together: null where none has data, and the least of their coverages. */
export function sumOf(cells: readonly CountCell[]): CountCell {
  const known = cells.filter((cell) => trustOf(cell) !== "none");
  if (known.length === 0) return { count: null, coverage: null };
  return {
    count: known.reduce((sum, cell) => sum + (cell.count ?? 0), 0),
    // A row without data makes the sum a part of the whole, however well the others are covered.
    coverage:
      known.length < cells.length ? 0 : Math.min(...known.map((cell) => cell.coverage ?? 0)),
  };
}

/** Whether all rows are of one line, so that no vehicle stands in two of them. */
export function isOneLine(counts: Counts): boolean {
  return new Set(counts.rows.map(({ key }) => `${key.camera} ${key.line}`)).size <= 1;
}

export interface Overview {
  total: number | null;
  meanCoverage: number | null;
  gaps: number;
}

export function overview(counts: Counts): Overview {
  const perBin = counts.bins.map((_, i) =>
    counts.rows.map((row) => row.cells[i] ?? { count: null, coverage: null }),
  );
  const known = counts.rows.flatMap((row) => row.cells.filter((c) => trustOf(c) !== "none"));
  const shares = perBin.map((cells) =>
    cells.length === 0 ? 0 : Math.max(...cells.map((c) => c.coverage ?? 0)),
  );
  return {
    total: known.length === 0 ? null : known.reduce((sum, c) => sum + (c.count ?? 0), 0),
    meanCoverage: shares.length === 0 ? null : shares.reduce((a, b) => a + b, 0) / shares.length,
    gaps: perBin.filter((cells) => cells.every((c) => trustOf(c) === "none")).length,
  };
}
