// How numbers, times and money are written. Every time is shown as in Viet Nam, wherever the screen
// stands.

const ZONE = "Asia/Ho_Chi_Minh";

export function makeFormats(language: "vi" | "en") {
  const locale = language === "vi" ? "vi-VN" : "en-GB";
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const decimals = [0, 1, 2, 3].map(
    (n) => new Intl.NumberFormat(locale, { minimumFractionDigits: n, maximumFractionDigits: n }),
  );
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });

  const split = (iso: string) => {
    const date = new Date(iso);
    if (Number.isNaN(date.getTime())) return null;
    const found: Record<string, string> = {};
    for (const part of parts.formatToParts(date)) found[part.type] = part.value;
    return found;
  };
  const written = (iso: string, write: (p: Record<string, string>) => string) => {
    const found = split(iso);
    return found ? write(found) : iso;
  };

  return {
    integer: (n: number) => integer.format(n),
    decimal: (n: number, digits = 1) => (decimals[digits] ?? integer).format(n),
    /** A share of 1. Never rounds something missing up to 100 %, nor something there down to 0. */
    percent: (share: number) =>
      share > 0 && share < 0.01
        ? `< ${percent.format(0.01)}`
        : percent.format(share < 1 ? Math.floor(share * 100) / 100 : share),
    money: (vnd: number) => `${integer.format(vnd)} ${language === "vi" ? "đ" : "VND"}`,
    date: (iso: string) => written(iso, (p) => `${p.day}/${p.month}/${p.year}`),
    day: (iso: string) => written(iso, (p) => `${p.day}/${p.month}`),
    time: (iso: string) => written(iso, (p) => `${p.hour}:${p.minute}:${p.second}`),
    clock: (iso: string) => written(iso, (p) => `${p.hour}:${p.minute}`),
    moment: (iso: string) =>
      written(iso, (p) => `${p.hour}:${p.minute}:${p.second} ${p.day}/${p.month}/${p.year}`),
    short: (iso: string) => written(iso, (p) => `${p.hour}:${p.minute} ${p.day}/${p.month}`),
  };
}

/** Midnight in Viet Nam (UTC+7, no daylight saving) of a day `2026-11-24`, as the API wants it. */
export function startOfDay(day: string): string {
  return new Date(`${day}T00:00:00+07:00`).toISOString();
}

/** The end of that day: the start of the next, which is excluded. */
export function endOfDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00+07:00`) + 86_400_000).toISOString();
}

/** How far it is to a moment, in whole days, or hours below two days; negative when it is past. */
export function distance(iso: string, now: number): { unit: "days" | "hours"; n: number } {
  const hours = (Date.parse(iso) - now) / 3_600_000;
  if (Math.abs(hours) < 48) return { unit: "hours", n: Math.trunc(hours) };
  return { unit: "days", n: Math.trunc(hours / 24) };
}
