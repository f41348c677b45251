// Counts by line, movement or class, with the coverage of each cell, a chart and its table.
import { lazy, Suspense } from "react";
import { queryString } from "../api/client";
import type { Camera, CountRow, Counts, Page } from "../api/types";
import { useQuery } from "../api/useQuery";
import { go, withQuery } from "../app/router";
import { Trouble } from "../app/trouble";
import { Icon } from "../design/icons";
import { Bones, Empty, Segments, SelectField, TextField } from "../design/parts";
import { type Speech, useSpeech, wordOf } from "../i18n";
import { endOfDay, startOfDay } from "../i18n/formats";
import { CountsTable } from "./CountsTable";
import { isOneLine, overview } from "./coverage";

const CountsChart = lazy(() => import("./CountsChart"));

export type Bin = "15min" | "hour" | "day";
export type By = "line" | "movement" | "class";

/** What each row is called: only what tells it from the others, and what it is divided by. */
export function rowNames(rows: readonly CountRow[], by: By, { t }: Speech): string[] {
  const several = (of: (row: CountRow) => string | null) => new Set(rows.map(of)).size > 1;
  const cameras = several((row) => row.key.camera);
  const lines = by === "line" || several((row) => row.key.line);
  const ways = by === "line" || several((row) => `${row.key.line} ${row.key.way}`);
  return rows.map(({ key }) => {
    const parts = [
      cameras ? key.camera : null,
      lines ? key.line : null,
      ways && key.way ? wordOf(t.stats.ways, key.way) : null,
      by === "movement" ? (key.movement ?? t.stats.noMovement) : null,
      by === "class" ? (key.class ? wordOf(t.vehicleClasses, key.class) : t.unknown) : null,
    ];
    return parts.filter(Boolean).join(" · ");
  });
}

/** How an interval is named: its day, or its time, with the day where a new one begins. */
export function binName(bins: readonly string[], i: number, bin: Bin, { f }: Speech): string {
  const iso = bins[i] ?? "";
  if (bin === "day") return f.date(iso);
  const first = i === 0 || f.date(bins[i - 1] ?? "") !== f.date(iso);
  return first ? `${f.clock(iso)} ${f.day(iso)}` : f.clock(iso);
}

export function CountsScreen({ query }: { query: URLSearchParams }) {
  const speech = useSpeech();
  const { t, f } = speech;
  const value = (key: string) => query.get(key) ?? "";
  const bin = (value("bin") || "hour") as Bin;
  const by = (value("by") || "class") as By;
  const cameras = useQuery<Page<Camera>>("/cameras?limit=200", 60_000);
  const camera = value("camera");
  const question = {
    camera,
    line: value("line"),
    from: value("from") && startOfDay(value("from")),
    until: value("until") && endOfDay(value("until")),
    bin,
    by,
  };
  const counts = useQuery<Counts>(`/stats/counts${queryString(question)}`);
  const lines = useQuery<Counts>(
    camera
      ? `/stats/counts${queryString({ ...question, line: "", bin: "day", by: "line" })}`
      : null,
    60_000,
  );
  const lineNames = [
    ...new Set((lines.data?.rows ?? []).flatMap((row) => (row.key.line ? [row.key.line] : []))),
  ];
  const set = (changes: Record<string, string>) =>
    go(`/stats${withQuery(query, changes)}`, "replace");
  const data = counts.data;
  const seen = data ? overview(data) : null;
  const nothing = data && (data.rows.length === 0 || seen?.total === null);

  return (
    <>
      <div className="stat-filters">
        <SelectField
          label={t.stats.camera}
          value={camera}
          options={[
            ["", t.stats.allCameras],
            ...(cameras.data?.items ?? []).map(
              (c) => [c.id, c.point ? `${c.id} · ${c.point.name}` : c.id] as const,
            ),
          ]}
          onPick={(id) => set({ camera: id, line: "" })}
        />
        {lineNames.length > 0 && (
          <SelectField
            label={t.stats.line}
            value={value("line")}
            options={[["", t.stats.allLines], ...lineNames.map((l) => [l, l] as const)]}
            onPick={(line) => set({ line })}
          />
        )}
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
        <Segments
          label={t.stats.bin}
          value={bin}
          options={(["15min", "hour", "day"] as const).map((b) => [b, t.stats.bins[b]] as const)}
          onPick={(b) => set({ bin: b })}
        />
        <Segments
          label={t.stats.by}
          value={by}
          options={(["class", "line", "movement"] as const).map(
            (b) => [b, t.stats.bys[b]] as const,
          )}
          onPick={(b) => set({ by: b })}
        />
        <a
          className="button push"
          href={`/api/v1/stats/counts${queryString({ ...question, format: "csv" })}`}
          download
        >
          <Icon name="download" />
          {t.stats.csv}
        </a>
      </div>
      {counts.error && <Trouble error={counts.error} onRetry={counts.reload} />}
      {!data && !counts.error && <Bones rows={3} height={120} />}
      {nothing && (
        <div className="panel">
          <Empty icon="stats" title={t.stats.emptyTitle}>
            <p>{t.stats.emptyText}</p>
          </Empty>
        </div>
      )}
      {data && seen && !nothing && (
        <>
          <dl className="panel figures">
            <div>
              <dt>{t.stats.counted}</dt>
              <dd>{seen.total === null ? t.stats.noData : f.integer(seen.total)}</dd>
              <dd className="small quiet">
                {isOneLine(data) ? t.stats.countedHint : t.stats.countedTwice}
              </dd>
            </div>
            <div>
              <dt>{t.stats.meanCoverage}</dt>
              <dd>{seen.meanCoverage === null ? t.stats.noData : f.percent(seen.meanCoverage)}</dd>
              <dd className="small quiet">{t.stats.gaps(f.integer(seen.gaps))}</dd>
            </div>
            <div>
              <dt>{t.stats.peak}</dt>
              <dd>{data.peak ? f.clock(data.peak.from) : "–"}</dd>
              <dd className="small quiet">
                {data.peak
                  ? `${f.day(data.peak.from)} · ${f.integer(data.peak.count)}`
                  : t.stats.peakNone}
              </dd>
            </div>
            <div>
              <dt>{t.stats.peakFactor}</dt>
              <dd>
                {data.peak && data.peak.factor !== null ? f.decimal(data.peak.factor, 2) : "–"}
              </dd>
              <dd className="small quiet">PHF</dd>
            </div>
          </dl>
          <section className="panel chart-panel" aria-label={t.stats.chart}>
            <Legend />
            <Suspense fallback={<div className="bone" style={{ height: 300 }} />}>
              <CountsChart counts={data} bin={bin} by={by} />
            </Suspense>
          </section>
          <CountsTable counts={data} bin={bin} by={by} />
        </>
      )}
    </>
  );
}

function Legend() {
  const { t } = useSpeech();
  return (
    <ul className="trust-legend small">
      <li>
        <i className="full" />
        {t.stats.legendFull}
      </li>
      <li>
        <i className="partial hatch" />
        {t.stats.legendPartial}
      </li>
      <li>
        <i className="none" />
        {t.stats.legendNone}
      </li>
    </ul>
  );
}
