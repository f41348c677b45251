// A plate reading as cells to look at: which characters are doubtful and what else they may be.
import type { PlateReading } from "../api/types";

export interface PlateCell {
  /** What is shown: a doubtful character is never shown as a fact, but as `?`. */
  shown: string;
  separator: boolean;
  doubtful: boolean;
  /** What may stand there, likeliest first. */
  candidates: { char: string; score: number }[];
  readAs: string | null;
}

export function cells(reading: Pick<PlateReading, "printed" | "characters">): PlateCell[] {
  let at = 0;
  return [...reading.printed].map((c): PlateCell => {
    const separator = !/[\p{L}\p{N}]/u.test(c);
    const found = separator ? undefined : reading.characters[at];
    if (!separator) at += 1;
    const doubtful = found?.doubtful ?? false;
    const others = (found?.others ?? []).map(([char, score]) => ({ char, score }));
    return {
      shown: doubtful ? "?" : c,
      separator,
      doubtful,
      candidates: found && doubtful ? [{ char: found.char, score: found.score }, ...others] : [],
      readAs: found?.read_as ?? null,
    };
  });
}

/** Normal form: capitals and digits alone. */
export function normal(text: string): string {
  return text.toUpperCase().replace(/[^\p{L}\p{N}?]/gu, "");
}

/** Whether it may be a plate at all. The server holds the grammar; this spares a round trip. */
export function looksLikePlate(text: string): boolean {
  return /^[A-ZĐ0-9]{6,10}$/.test(normal(text)) && /\d{3}/.test(normal(text));
}
