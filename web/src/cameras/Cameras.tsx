// Cameras and their points: what there is, whether it works, how much of it was analysed.
import { useState } from "react";
import { useChanges } from "../api/events";
import type { Camera, Page } from "../api/types";
import { useQuery } from "../api/useQuery";
import { go, Link, usePlace, withQuery } from "../app/router";
import { useSession } from "../app/session";
import { Trouble } from "../app/trouble";
import { Badge, Bones, classes, Empty, Segments, SelectField, TextField } from "../design/parts";
import { useSpeech, wordOf } from "../i18n";
import "./cameras.css";
import { CameraMap } from "./CameraMap";

const STATE_TONES: Record<string, "good" | "bad" | "warn" | "calm"> = {
  working: "good",
  waiting_for_repair: "warn",
  offline: "bad",
  planned: "calm",
};

export function StateBadge({ state }: { state: string | null }) {
  const { t } = useSpeech();
  if (state === null) return <Badge>{t.unknown}</Badge>;
  return <Badge tone={STATE_TONES[state] ?? "calm"}>{wordOf(t.cameras.states, state)}</Badge>;
}

export default function Cameras() {
  const { t, f } = useSpeech();
  const { query } = usePlace();
  const list = useQuery<Page<Camera>>("/cameras?limit=200");
  useChanges(({ topic }) => {
    if (topic === "cameras" || topic === "return") list.reload();
  });
  const [text, setText] = useState("");
  const value = (key: string) => query.get(key) ?? "";
  const set = (changes: Record<string, string>) =>
    go(`/cameras${withQuery(query, changes)}`, "replace");
  const all = list.data?.items ?? [];
  const units = [...new Set(all.flatMap((c) => (c.point?.unit ? [c.point.unit] : [])))].sort();
  const wanted = text.trim().toLowerCase();
  const shown = all.filter(
    (c) =>
      (value("unit") === "" || c.point?.unit === value("unit")) &&
      (value("state") === "" || c.state === value("state")) &&
      (value("source") === "" || c.source_class === value("source")) &&
      `${c.id} ${c.point?.name ?? ""}`.toLowerCase().includes(wanted),
  );
  const points = new Set(all.flatMap((c) => (c.point ? [c.point.id] : []))).size;
  const view = value("view") === "map" ? "map" : "list";
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t.cameras.title}</h1>
          <p>
            {list.data ? t.cameras.lead(f.integer(list.data.total), f.integer(points)) : t.loading}
          </p>
        </div>
      </div>
      <div className="filters camera-filters">
        <TextField label={t.cameras.search} type="search" value={text} onText={setText} />
        <SelectField
          label={t.cameras.unit}
          value={value("unit")}
          options={[["", t.all], ...units.map((u) => [u, u] as const)]}
          onPick={(unit) => set({ unit })}
        />
        <SelectField
          label={t.cameras.state}
          value={value("state")}
          options={[["", t.all], ...Object.entries(t.cameras.states)]}
          onPick={(state) => set({ state })}
        />
        <SelectField
          label={t.cameras.source}
          value={value("source")}
          options={[["", t.all], ...Object.entries(t.cameras.sources)]}
          onPick={(source) => set({ source })}
        />
        <Segments
          label={t.cameras.map}
          value={view}
          options={[
            ["list", t.cameras.list],
            ["map", t.cameras.map],
          ]}
          onPick={(to) => set({ view: to === "list" ? "" : to })}
        />
      </div>
      {list.error && <Trouble error={list.error} onRetry={list.reload} />}
      {!list.data && !list.error && <Bones rows={6} />}
      {list.data && shown.length === 0 && (
        <div className="panel">
          <Empty icon="cameras" title={t.cameras.empty} />
        </div>
      )}
      {shown.length > 0 && view === "list" && <CameraTable cameras={shown} />}
      {shown.length > 0 && view === "map" && <CameraMap cameras={shown} />}
    </div>
  );
}

function CameraTable({ cameras }: { cameras: Camera[] }) {
  const { t, f } = useSpeech();
  const mayReview = useSession().session?.account?.roles.some(
    (role) => role === "reviewer" || role === "approver",
  );
  return (
    <div className="panel table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.stats.camera}</th>
            <th scope="col">{t.queue.point}</th>
            <th scope="col">{t.cameras.source}</th>
            <th scope="col">{t.cameras.state}</th>
            <th scope="col">{t.cameras.coverage}</th>
            <th scope="col">{t.cameras.lastRun}</th>
            <th scope="col" className="number">
              {t.cameras.open}
            </th>
          </tr>
        </thead>
        <tbody>
          {cameras.map((camera) => (
            <tr key={camera.id}>
              <td>
                <div className="strong nowrap">{camera.id}</div>
                <div className="small quiet">{camera.role ?? ""}</div>
              </td>
              <td>
                {camera.point?.name ?? <span className="quiet">{t.unknown}</span>}
                <div className="small quiet">{camera.point?.unit ?? ""}</div>
              </td>
              <td className="small">
                {camera.source_class ? wordOf(t.cameras.sources, camera.source_class) : t.unknown}
                {camera.source_class === "citizen_data" && (
                  <div className="quiet">{t.cameras.citizenNote}</div>
                )}
              </td>
              <td>
                <StateBadge state={camera.state} />
              </td>
              <td>
                <Coverage share={camera.coverage_30_days} />
              </td>
              <td className="small nowrap">
                {camera.last_run?.finished_at ? (
                  f.short(camera.last_run.finished_at)
                ) : (
                  <span className="quiet">{t.cameras.never}</span>
                )}
              </td>
              <td className="number">
                {camera.violations_open > 0 && mayReview ? (
                  <Link
                    to={`/review?camera=${encodeURIComponent(camera.id)}`}
                    aria-label={`${t.cameras.cases}: ${camera.id}`}
                  >
                    {f.integer(camera.violations_open)}
                  </Link>
                ) : (
                  f.integer(camera.violations_open)
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Coverage({ share }: { share: number | null }) {
  const { t, f } = useSpeech();
  if (share === null) return <span className="small quiet">{t.stats.noData}</span>;
  return (
    <div className={classes("coverage", share < 0.8 && "low")}>
      <div className="bar">
        <i style={{ width: `${share * 100}%` }} />
      </div>
      <span>{f.percent(share)}</span>
    </div>
  );
}
