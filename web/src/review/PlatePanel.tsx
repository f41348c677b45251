// The plate: its picture as large as it goes, what was read, and what is doubtful about it.
import type { CaseFull, PlateReading } from "../api/types";
import { Icon } from "../design/icons";
import { Badge, Button, classes } from "../design/parts";
import { useSpeech, wordOf } from "../i18n";
import { fileOf } from "./files";
import { cells } from "./plates";
import { useObject } from "./useObject";

export function PlatePanel({ found, onEdit }: { found: CaseFull; onEdit: () => void }) {
  const { t, f } = useSpeech();
  const reading = found.plate_reading;
  const edit = found.plate_edits.at(-1);
  const doubtful = reading?.characters.filter((c) => c.doubtful).length ?? 0;
  return (
    <section className="block plate-panel">
      <header className="row spread">
        <h3>{t.review.plate.title}</h3>
        {found.may.edit_plate && (
          <Button look="plain" icon="edit" hotkey="P" onClick={onEdit}>
            {t.review.plate.edit}
          </Button>
        )}
      </header>
      <PlateCrop found={found} />
      {found.plate?.edited ? (
        <>
          <PlateSign text={found.plate.shown} reading={reading} />
          {edit && (
            <p className="small quiet">
              {t.review.plate.edited(edit.who, f.short(edit.at))}
              {edit.from && ` · ${t.review.plate.from(edit.from)}`}: {edit.reason}
            </p>
          )}
        </>
      ) : reading && reading.verdict !== "unreadable" ? (
        <>
          <PlateSign text={null} reading={reading} />
          <div className="row wrap small">
            {reading.verdict === "sure" ? (
              <Badge tone="good" icon="check">
                {t.plateVerdicts.sure}
              </Badge>
            ) : (
              <Badge tone="warn" icon="warn">
                {doubtful > 0
                  ? t.review.plate.doubtful(f.integer(doubtful))
                  : t.plateVerdicts.doubtful}
              </Badge>
            )}
            <span className="quiet">
              {t.review.plate.looks(f.integer(reading.votes), f.integer(reading.looks))}
            </span>
          </div>
          <Doubts reading={reading} />
        </>
      ) : (
        <p className="no-plate">
          <Icon name="warn" />
          {reading?.unreadable
            ? wordOf(t.unreadable, reading.unreadable)
            : t.review.plate.noReading}
        </p>
      )}
    </section>
  );
}

export function PlateCrop({ found }: { found: CaseFull }) {
  const { t } = useSpeech();
  const file = fileOf(found.files, "plate_crop");
  const object = useObject(found.id, file?.name ?? null);
  if (!file || object === "missing") {
    return <div className="plate-crop none small">{t.review.plate.noCrop}</div>;
  }
  return (
    <div className="plate-crop">
      {typeof object === "object" && <img src={object.url} alt={t.review.plate.crop} />}
    </div>
  );
}

/** Drawn as a plate is: its ground's colour, one line or two, doubtful characters marked. */
function PlateSign({ text, reading }: { text: string | null; reading: PlateReading | null }) {
  const shown = cells(text === null && reading ? reading : { printed: text ?? "", characters: [] });
  const colour = reading?.colour ?? "white";
  return (
    <div className={classes("plate-sign", colour)}>
      {shown.map((cell, i) => (
        <span
          key={i}
          className={classes("cell", cell.separator && "separator", cell.doubtful && "doubtful")}
        >
          {cell.shown === " " ? "\u00a0" : cell.shown}
        </span>
      ))}
    </div>
  );
}

function Doubts({ reading }: { reading: PlateReading }) {
  const { t, f, pick } = useSpeech();
  const doubtful = cells(reading).filter((cell) => cell.doubtful);
  const reasons = reading.doubts ?? [];
  if (doubtful.length === 0 && reasons.length === 0 && !reading.manual) return null;
  return (
    <ul className="doubts small">
      {doubtful.map((cell, i) => (
        <li key={i}>
          {t.review.plate.others}{" "}
          {cell.candidates.map((c) => (
            <span key={c.char} className="candidate">
              <b>{c.char}</b> {f.percent(c.score)}
            </span>
          ))}
        </li>
      ))}
      {reasons.map((reason) => (
        <li key={reason.code} className="quiet">
          {pick(reason.vi, reason.en)}
        </li>
      ))}
      {reading.manual && <li className="quiet">{t.review.plate.manual}</li>}
    </ul>
  );
}
