// What narrows the queue. The address holds it, so that a list can be sent to a colleague.
import { useEffect, useState } from "react";
import type { Camera, Page } from "../api/types";
import { useQuery } from "../api/useQuery";
import { go } from "../app/router";
import { Button, SelectField, TextField } from "../design/parts";
import { useSpeech } from "../i18n";

interface Props {
  query: URLSearchParams;
  kinds: readonly (keyof ReturnType<typeof useSpeech>["t"]["kinds"])[];
  onChange: (changes: Record<string, string>) => void;
}

export function QueueFilters({ query, kinds, onChange }: Props) {
  const { t } = useSpeech();
  const cameras = useQuery<Page<Camera>>("/cameras?limit=200", 60_000);
  const points = new Map<string, string>();
  for (const camera of cameras.data?.items ?? []) {
    if (camera.point) points.set(camera.point.id, camera.point.name);
  }
  const value = (key: string) => query.get(key) ?? "";
  const [plate, setPlate] = useState(value("plate"));
  // Dependencies on purpose: asks when the typing rests
  useEffect(() => {
    if (plate === value("plate")) return;
    const timer = setTimeout(() => onChange({ plate }), 350);
    return () => clearTimeout(timer);
  }, [plate]);

  return (
    <div className="filters">
      <SelectField
        label={t.queue.kind}
        value={value("kind")}
        options={[["", t.all], ...kinds.map((k) => [k, t.kinds[k]] as const)]}
        onPick={(kind) => onChange({ kind })}
      />
      <SelectField
        label={t.queue.point}
        value={value("point")}
        options={[["", t.all], ...points]}
        onPick={(point) => onChange({ point })}
      />
      <SelectField
        label={t.queue.verdict}
        value={value("verdict")}
        options={[
          ["", t.all],
          ["sure", t.verdicts.sure],
          ["insufficient", t.verdicts.insufficient],
        ]}
        onPick={(verdict) => onChange({ verdict })}
      />
      <TextField
        label={t.queue.plate}
        placeholder={t.queue.plateHint}
        value={plate}
        onText={setPlate}
        spellCheck={false}
        autoComplete="off"
      />
      <TextField
        label={t.queue.from}
        type="date"
        value={value("from")}
        onText={(from) => onChange({ from })}
      />
      <TextField
        label={t.queue.until}
        type="date"
        value={value("until")}
        onText={(until) => onChange({ until })}
      />
      <SelectField
        label={t.queue.order}
        value={(value("order") || "rank") as keyof typeof t.queue.orders}
        options={(["rank", "due", "oldest", "newest"] as const).map(
          (o) => [o, t.queue.orders[o]] as const,
        )}
        onPick={(order) => onChange({ order: order === "rank" ? "" : order })}
      />
      {query.size > 0 && (
        <Button
          look="plain"
          icon="close"
          onClick={() => {
            setPlate("");
            go("/review", "replace");
          }}
        >
          {t.clear}
        </Button>
      )}
    </div>
  );
}
