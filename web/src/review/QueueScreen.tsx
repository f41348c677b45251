// The queue: what waits, ranked, with filters; keys move the choice and open it.
import { useEffect, useRef, useState } from "react";
import { useChanges } from "../api/events";
import { CASE_STATES, type CaseState, KINDS, type ReviewSummary } from "../api/types";
import { useQuery } from "../api/useQuery";
import { go, withQuery } from "../app/router";
import { Trouble } from "../app/trouble";
import { Icon } from "../design/icons";
import { Bones, Button, classes, Empty } from "../design/parts";
import { useSpeech } from "../i18n";
import { isTyping } from "./keys";
import { prefetchCase } from "./preload";
import { QueueFilters } from "./QueueFilters";
import { QueueRow } from "./QueueRow";
import { listQuery } from "./queue";
import { useCaseList } from "./useCaseList";

export function QueueScreen({ query }: { query: URLSearchParams }) {
  const { t, f } = useSpeech();
  const list = useCaseList(query);
  const summary = useQuery<ReviewSummary>("/review/summary");
  useChanges(({ topic }) => {
    if (topic !== "cameras" && topic !== "counts") summary.reload();
  });
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = list.rows;
  const at = Math.max(
    0,
    rows.findIndex(({ row }) => row.id === chosen),
  );
  const current = rows[at]?.row;
  const box = useRef<HTMLUListElement>(null);

  const address = (id: string) => `/review/${encodeURIComponent(id)}${listQuery(query)}`;
  const set = (changes: Record<string, string>) =>
    go(`/review${withQuery(query, changes)}`, "replace");

  useEffect(() => {
    if (current) prefetchCase(current.id);
  }, [current]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const onControl =
        event.target instanceof HTMLElement && event.target.closest("button, a") !== null;
      const step =
        event.key === "j" || event.key === "ArrowDown"
          ? 1
          : event.key === "k" || event.key === "ArrowUp"
            ? -1
            : 0;
      const to = rows[at + step]?.row;
      if (step !== 0 && to) {
        event.preventDefault();
        setChosen(to.id);
        box.current?.querySelector(`[data-id="${CSS.escape(to.id)}"]`)?.scrollIntoView({
          block: "nearest",
        });
      } else if (event.key === "Enter" && current && !onControl) {
        go(`/review/${encodeURIComponent(current.id)}${listQuery(query)}`);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [rows, at, current, query]);

  const state = (query.get("state") ?? "flagged") as CaseState;
  const filtered = ["kind", "point", "camera", "verdict", "plate", "from", "until"].some((key) =>
    query.has(key),
  );
  return (
    <div className="page queue">
      <div className="page-head">
        <div>
          <h1>{t.queue.title}</h1>
          <p>{list.total === null ? t.loading : t.queue.lead(f.integer(list.total))}</p>
        </div>
        <Summary data={summary.data} onDue={() => set({ order: "due" })} />
        <Button
          look="primary"
          big
          hotkey="↵"
          disabled={!current}
          onClick={() => current && go(address(current.id))}
        >
          {at === 0 ? t.queue.start : t.queue.continue}
        </Button>
      </div>

      <nav className="states" aria-label={t.queue.state}>
        {CASE_STATES.map((key) => {
          const n = summary.data ? (summary.data.states[key] ?? 0) : null;
          return (
            <button
              key={key}
              type="button"
              aria-current={key === state ? "true" : undefined}
              className={classes(n === 0 && "nothing")}
              onClick={() => set({ state: key === "flagged" ? "" : key })}
            >
              {t.states[key]}
              <span className="n">{n === null ? "·" : f.integer(n)}</span>
            </button>
          );
        })}
      </nav>

      <QueueFilters query={query} kinds={KINDS} onChange={set} />

      {list.error !== null && <Trouble error={list.error} onRetry={list.reload} />}
      {list.loading && <Bones rows={7} height={66} />}
      {!list.loading && list.error === null && rows.length === 0 && (
        <div className="panel">
          <Empty icon="check" title={t.queue.emptyTitle}>
            <p>{filtered ? t.queue.emptyFiltered : t.queue.emptyText}</p>
            {filtered && (
              <Button icon="filter" onClick={() => go("/review", "replace")}>
                {t.clear}
              </Button>
            )}
          </Empty>
        </div>
      )}
      {rows.length > 0 && (
        <ul className="panel cases" ref={box}>
          {rows.map((item) => (
            <QueueRow
              key={item.row.id}
              item={item}
              to={address(item.row.id)}
              chosen={item.row.id === current?.id}
              onPoint={() => prefetchCase(item.row.id)}
            />
          ))}
        </ul>
      )}
      {list.more && (
        <Button onClick={list.more} className="more">
          {t.more(f.integer(list.left))}
        </Button>
      )}
      <p className="keys-hint small quiet">
        <Icon name="keyboard" />
        <kbd>J</kbd> <kbd>K</kbd> <kbd>↵</kbd>
      </p>
    </div>
  );
}

function Summary({ data, onDue }: { data: ReviewSummary | undefined; onDue: () => void }) {
  const { t, f } = useSpeech();
  if (!data) return <div className="summary" />;
  return (
    <dl className="summary">
      <div className={classes(data.overdue > 0 && "late")}>
        <dt>{t.queue.overdue}</dt>
        <dd>{f.integer(data.overdue)}</dd>
      </div>
      <div className={classes(data.due_today > 0 && "soon")}>
        <dt>{t.queue.dueToday}</dt>
        <dd>
          <button type="button" onClick={onDue}>
            {f.integer(data.due_today)}
          </button>
        </dd>
      </div>
      <div>
        <dt>{t.queue.second}</dt>
        <dd>
          <button type="button" onClick={() => go("/review?state=first_confirmed", "replace")}>
            {f.integer(data.second_for_me)}
          </button>
        </dd>
      </div>
      <div>
        <dt>{t.queue.myDay}</dt>
        <dd>
          {f.integer(data.my_day.decided)}
          {data.my_day.median_s !== null && (
            <span className="small quiet"> {t.queue.median(f.decimal(data.my_day.median_s))}</span>
          )}
        </dd>
      </div>
    </dl>
  );
}
