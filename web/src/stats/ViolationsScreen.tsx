// Violations by kind, camera, hour, state or unit, and what people decided about them.
import { lazy, Suspense } from "react";
import { queryString } from "../api/client";
import type { ViolationCounts } from "../api/types";
import { useQuery } from "../api/useQuery";
import { go, withQuery } from "../app/router";
import { Trouble } from "../app/trouble";
import { Bones, Empty, Segments, TextField } from "../design/parts";
import { type Speech, useSpeech, wordOf } from "../i18n";
import { endOfDay, startOfDay } from "../i18n/formats";

const ViolationsChart = lazy(() => import("./ViolationsChart"));

const BYS = ["kind", "camera", "hour", "state", "unit"] as const;
type By = (typeof BYS)[number];

function keyName(by: By, key: string | null, { t }: Speech): string {
  if (key === null) return t.unknown;
  if (by === "kind") return wordOf(t.kinds, key);
  if (by === "state") return wordOf(t.states, key);
  if (by === "hour" && /^\d{1,2}$/.test(key)) return `${key.padStart(2, "0")}:00`;
  return key;
}

export function ViolationsScreen({ query }: { query: URLSearchParams }) {
  const speech = useSpeech();
  const { t, f } = speech;
  const value = (key: string) => query.get(key) ?? "";
  const by = BYS.find((b) => b === value("vby")) ?? "kind";
  const answer = useQuery<ViolationCounts>(
    `/stats/violations${queryString({
      by,
      from: value("from") && startOfDay(value("from")),
      until: value("until") && endOfDay(value("until")),
    })}`,
  );
  const set = (changes: Record<string, string>) =>
    go(`/stats/violations${withQuery(query, changes)}`, "replace");
  const rows = (answer.data?.rows ?? []).map((row) => ({
    ...row,
    name: keyName(by, row.key, speech),
    open: Math.max(0, row.count - row.confirmed - row.rejected),
  }));
  return (
    <>
      <div className="stat-filters">
        <Segments
          label={t.stats.by}
          value={by}
          options={BYS.map((b) => [b, t.stats.vby[b]] as const)}
          onPick={(vby) => set({ vby })}
        />
        <TextField
          label={t.stats.from}
          type="date"
          value={value("from")}
          onText={(from) => set({ from })}
        />
        <TextField
          label={t.stats.until}
          type="date"
          value={value("until")}
          onText={(until) => set({ until })}
        />
      </div>
      {answer.error && <Trouble error={answer.error} onRetry={answer.reload} />}
      {!answer.data && !answer.error && <Bones rows={3} height={120} />}
      {answer.data && rows.length === 0 && (
        <div className="panel">
          <Empty icon="stats" title={t.stats.emptyTitle}>
            <p>{t.stats.emptyText}</p>
          </Empty>
        </div>
      )}
      {rows.length > 0 && (
        <div className="violations">
          <section className="panel chart-panel" aria-label={t.stats.chart}>
            <Suspense fallback={<div className="bone" style={{ height: 300 }} />}>
              <ViolationsChart rows={rows} />
            </Suspense>
          </section>
          <section className="panel table-wrap" aria-label={t.stats.table} tabIndex={0}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t.stats.vby[by]}</th>
                  <th scope="col" className="number">
                    {t.stats.count}
                  </th>
                  <th scope="col" className="number">
                    {t.stats.confirmed}
                  </th>
                  <th scope="col" className="number">
                    {t.stats.rejected}
                  </th>
                  <th scope="col" className="number">
                    {t.stats.open}
                  </th>
                  <th scope="col" className="number">
                    {t.stats.precision}
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.key ?? ""}>
                    <td>{row.name}</td>
                    <td className="number strong">{f.integer(row.count)}</td>
                    <td className="number">{f.integer(row.confirmed)}</td>
                    <td className="number">{f.integer(row.rejected)}</td>
                    <td className="number">{f.integer(row.open)}</td>
                    <td className="number">
                      {row.confirmed + row.rejected === 0
                        ? "–"
                        : f.percent(row.confirmed / (row.confirmed + row.rejected))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </div>
      )}
    </>
  );
}
