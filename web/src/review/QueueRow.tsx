// One case in the queue: enough to know what it is, not enough to decide it.
import { Link } from "../app/router";
import { Badge, classes } from "../design/parts";
import { useSpeech, wordOf } from "../i18n";
import { fileUrl } from "./files";
import { PlateText } from "./PlateText";
import type { Row } from "./queue";

interface Props {
  item: Row;
  to: string;
  chosen: boolean;
  onPoint: () => void;
}

export function QueueRow({ item: { row, place }, to, chosen, onPoint }: Props) {
  const { t, f, pick } = useSpeech();
  const kind = pick(row.kind_vi, row.kind_en);
  const vehicle = pick(row.class_vi, wordOf(t.vehicleClasses, row.class));
  return (
    <li className={classes("case-row", place, chosen && "chosen")} data-id={row.id}>
      <Link
        to={to}
        aria-current={chosen ? "true" : undefined}
        onPointerEnter={onPoint}
        onFocus={onPoint}
      >
        <div className="thumb">
          {row.still && (
            <img src={fileUrl(row.id, row.still, 320)} alt="" loading="lazy" decoding="async" />
          )}
        </div>
        <div className="what">
          <div className="row">
            <span className="strong cut">{kind}</span>
            {row.verdict === "insufficient" && <Badge tone="warn">{t.verdicts.insufficient}</Badge>}
          </div>
          <div className="small quiet cut">
            {vehicle} · {row.place} · {row.camera}
          </div>
          {(place === "first" || row.held_by || row.first_by) && (
            <div className="row small notes">
              {place === "first" && (
                <Badge icon="group">{t.queue.group(f.integer(row.group_size))}</Badge>
              )}
              {row.held_by && (
                <Badge tone="accent" icon="lock">
                  {t.queue.heldBy(row.held_by)}
                </Badge>
              )}
              {row.first_by && (
                <Badge tone="good" icon="check">
                  {t.queue.firstBy(row.first_by)}
                </Badge>
              )}
            </div>
          )}
        </div>
        <div className="when">
          <div>{f.time(row.act_at)}</div>
          <div className="small quiet">
            {row.clock_known ? f.date(row.act_at) : t.queue.unsureTime}
          </div>
        </div>
        <div className="plate-cell">
          {row.plate?.shown ? (
            <>
              <PlateText shown={row.plate.shown} />
              {row.plate.edited && <div className="small quiet">{t.queue.edited}</div>}
            </>
          ) : (
            <span className="small quiet">{t.queue.noPlate}</span>
          )}
        </div>
        <div className="due">
          <DueBadge row={row} />
        </div>
      </Link>
    </li>
  );
}

function DueBadge({ row }: { row: Row["row"] }) {
  const { t, f } = useSpeech();
  if (!row.due_at || !row.due) return null;
  const left = Date.parse(row.due_at) - Date.now();
  const what = t.dueWords[row.due];
  const when = f.short(row.due_at);
  if (left < 0) {
    return (
      <Badge tone="bad" icon="clock" title={t.queue.late(what, when)}>
        {t.queue.late(what, when)}
      </Badge>
    );
  }
  return (
    <Badge tone={left < 86_400_000 ? "warn" : "calm"} icon="clock" title={t.queue.due(what, when)}>
      {t.queue.due(what, f.day(row.due_at))}
    </Badge>
  );
}
