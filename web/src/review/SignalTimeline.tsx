// What the lamps showed under the clip, in step with it, and how long it had been red.
import type { CaseFull, Clip, SignalSpan } from "../api/types";
import { useSpeech } from "../i18n";
import { intoRed } from "./clipTime";

interface Props {
  found: CaseFull;
  clip: Clip | null;
  /** Null where there is no clip to be in step with. */
  time: number | null;
  onSeek: (time: number) => void;
}

export function SignalTimeline({ found, clip, time, onSeek }: Props) {
  const { t, f } = useSpeech();
  const { head, red_for_s } = found.violation;
  const end = Math.max(clip?.duration_s ?? 0, ...found.signal.map((s) => s.to_s), 0.1);
  const share = (s: number) => `${(Math.min(end, Math.max(0, s)) / end) * 100}%`;
  const heads = [...new Set(found.signal.map((s) => s.head))].sort((a, b) =>
    a === head ? -1 : b === head ? 1 : a.localeCompare(b),
  );
  const actS = clip?.act_s ?? 0;
  const into = time === null ? null : intoRed(found.signal, head, actS, red_for_s, time);
  const marks = clip
    ? [
        { at: clip.before_s, words: t.review.stills.before },
        { at: clip.act_s, words: t.review.stills.act },
        { at: clip.after_s, words: t.review.stills.after },
      ]
    : [];
  const now = time === null ? undefined : spanAt(found.signal, heads[0], time);

  return (
    <div className="lamps">
      <div className="lamps-head small">
        {heads.length > 0 ? (
          <>
            <span className="quiet">{t.review.lampLine}</span>
            {now && (
              <span className="row lamp-now">
                <i className={`lamp ${now.state}`} />
                {t.lamps[now.state]}
              </span>
            )}
            {into !== null && (
              <strong className="into">{t.review.intoRed(f.decimal(into, 1))}</strong>
            )}
          </>
        ) : (
          <span className="quiet">{t.review.noSignal}</span>
        )}
      </div>
      <div className="lamps-field">
        {heads.map((id) => (
          <div key={id} className="lamps-row" title={t.review.head(id)}>
            {found.signal
              .filter((s) => s.head === id)
              .map((s) => (
                <span
                  key={`${s.from_s} ${s.state}`}
                  className={`span ${s.state}`}
                  style={{ left: share(s.from_s), width: share(s.to_s - s.from_s) }}
                >
                  {t.lamps[s.state]}
                </span>
              ))}
          </div>
        ))}
        {heads.length === 0 && <div className="lamps-row none" />}
        {marks.map((mark, i) => (
          <span
            key={mark.words}
            className={i === 1 ? "mark act" : "mark"}
            style={{ left: share(mark.at) }}
          >
            <b>{mark.words}</b>
          </span>
        ))}
        {time !== null && <span className="playhead" style={{ left: share(time) }} />}
        {clip && (
          <input
            type="range"
            aria-label={t.review.clip}
            aria-valuetext={t.review.seconds(f.decimal(time ?? 0, 1))}
            min={0}
            max={end}
            step={1 / clip.fps}
            value={time ?? 0}
            onChange={(e) => onSeek(Number(e.target.value))}
          />
        )}
      </div>
    </div>
  );
}

function spanAt(signal: SignalSpan[], head: string | undefined, t: number): SignalSpan | undefined {
  return signal.find((s) => s.head === head && s.from_s <= t && t <= s.to_s);
}
