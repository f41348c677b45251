// Statistics by address: traffic volume, or violations.
import { go, usePlace } from "../app/router";
import { Tabs } from "../design/parts";
import { useSpeech } from "../i18n";
import { CountsScreen } from "./CountsScreen";
import "./stats.css";
import { ViolationsScreen } from "./ViolationsScreen";

export default function Stats() {
  const { t } = useSpeech();
  const { path, query } = usePlace();
  const tab = path === "/stats/violations" ? "violations" : "counts";
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t.stats.title}</h1>
          <p>{t.stats.noPlates}</p>
        </div>
      </div>
      <Tabs
        label={t.stats.title}
        value={tab}
        options={[
          ["counts", t.stats.counts],
          ["violations", t.stats.violations],
        ]}
        onPick={(to) => go(to === "counts" ? "/stats" : "/stats/violations")}
      />
      {tab === "counts" ? <CountsScreen query={query} /> : <ViolationsScreen query={query} />}
    </div>
  );
}
