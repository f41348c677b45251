// The access log, and whether its chain is whole.
import { useState } from "react";
import { get, queryString } from "../api/client";
import type { AuditEntry, AuditVerdict, Page } from "../api/types";
import { useQuery } from "../api/useQuery";
import { go, usePlace, withQuery } from "../app/router";
import { Trouble } from "../app/trouble";
import { Icon } from "../design/icons";
import { Bones, Button, Empty, Notice, TextField } from "../design/parts";
import { useSpeech } from "../i18n";
import { endOfDay, startOfDay } from "../i18n/formats";
import "./audit.css";

const KEYS = ["who", "action", "subject"] as const;

/** A detail as `key: value` pairs; whatever shape it has, it is shown as text. */
function detailWords(detail: unknown): string {
  if (detail === null || detail === undefined) return "";
  if (typeof detail !== "object") return String(detail);
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(" · ");
}

export default function Audit() {
  const { t, f } = useSpeech();
  const { query } = usePlace();
  const value = (key: string) => query.get(key) ?? "";
  const filters = {
    who: value("who"),
    action: value("action"),
    subject: value("subject"),
    from: value("from") && startOfDay(value("from")),
    until: value("until") && endOfDay(value("until")),
  };
  const path = `/audit${queryString({ ...filters, limit: 100 })}`;
  const first = useQuery<Page<AuditEntry>>(path);
  const [older, setOlder] = useState<{ path: string; page: Page<AuditEntry> } | null>(null);
  const more = older?.path === path ? older.page : null;
  const entries = [...(first.data?.items ?? []), ...(more?.items ?? [])];
  const next = more ? more.next : (first.data?.next ?? null);
  const set = (changes: Record<string, string>) =>
    go(`/audit${withQuery(query, changes)}`, "replace");

  const loadMore = async () => {
    if (next === null) return;
    const page = await get<Page<AuditEntry>>(`${path}&after=${encodeURIComponent(next)}`);
    setOlder({ path, page: { ...page, items: [...(more?.items ?? []), ...page.items] } });
  };

  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t.audit.title}</h1>
          <p>{t.audit.lead}</p>
        </div>
        <div className="row push">
          <Verify />
          <a className="button" href={`/api/v1/audit/export${queryString(filters)}`} download>
            <Icon name="download" />
            {t.audit.export}
          </a>
        </div>
      </div>
      <div className="audit-filters">
        {KEYS.map((key) => (
          <TextField
            key={key}
            label={t.audit[key]}
            value={value(key)}
            spellCheck={false}
            onText={(text) => set({ [key]: text })}
          />
        ))}
        <TextField
          label={t.queue.from}
          type="date"
          value={value("from")}
          onText={(from) => set({ from })}
        />
        <TextField
          label={t.queue.until}
          type="date"
          value={value("until")}
          onText={(until) => set({ until })}
        />
      </div>
      {first.error && <Trouble error={first.error} onRetry={first.reload} />}
      {!first.data && !first.error && <Bones rows={8} />}
      {first.data && entries.length === 0 && (
        <div className="panel">
          <Empty icon="audit" title={t.audit.empty} />
        </div>
      )}
      {entries.length > 0 && (
        <div className="panel table-wrap">
          <table className="table audit-table">
            <thead>
              <tr>
                <th scope="col" className="number">
                  #
                </th>
                <th scope="col">{t.audit.at}</th>
                <th scope="col">{t.audit.who}</th>
                <th scope="col">{t.audit.action}</th>
                <th scope="col">{t.audit.subject}</th>
                <th scope="col">{t.audit.detail}</th>
                <th scope="col">{t.audit.hash}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.sequence}>
                  <td className="number quiet">{f.integer(entry.sequence)}</td>
                  <td className="nowrap">{f.moment(entry.at)}</td>
                  <td className="strong">{entry.who}</td>
                  <td className="nowrap">{entry.action}</td>
                  <td className="mono subject" title={entry.subject}>
                    {entry.subject}
                  </td>
                  <td className="small detail" title={detailWords(entry.detail)}>
                    {detailWords(entry.detail)}
                  </td>
                  <td className="mono quiet" title={entry.hash}>
                    {entry.hash.slice(0, 10)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next !== null && first.data && (
        <Button className="more" onClick={loadMore}>
          {t.more(f.integer(first.data.total - entries.length))}
        </Button>
      )}
    </div>
  );
}

function Verify() {
  const { t, f } = useSpeech();
  const [state, setState] = useState<"idle" | "busy" | AuditVerdict | { error: unknown }>("idle");
  const run = () => {
    setState("busy");
    get<AuditVerdict>("/audit/verify").then(setState, (error: unknown) => setState({ error }));
  };
  return (
    <>
      {typeof state === "object" && "whole" in state && (
        <Notice tone={state.whole ? "good" : "bad"} icon={state.whole ? "seal" : "warn"}>
          {state.whole ? t.audit.whole(f.integer(state.entries)) : t.audit.broken}
          {state.problem && <div>{state.problem}</div>}
          {state.head && (
            <div className="small quiet">{t.audit.head(`${state.head.slice(0, 16)}…`)}</div>
          )}
        </Notice>
      )}
      {typeof state === "object" && "error" in state && (
        <Trouble error={state.error} onRetry={run} />
      )}
      <Button look="primary" icon="seal" disabled={state === "busy"} onClick={run}>
        {state === "busy" ? t.audit.verifying : t.audit.verify}
      </Button>
    </>
  );
}
