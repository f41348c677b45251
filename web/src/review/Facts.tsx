// Why it was flagged, the law that applies, where the case goes, its time limits and its past.
import type { CaseFull } from "../api/types";
import { Link } from "../app/router";
import { Icon } from "../design/icons";
import { Badge, Notice } from "../design/parts";
import { useSpeech, wordOf } from "../i18n";
import { distance } from "../i18n/formats";

export function Why({ found }: { found: CaseFull }) {
  const { t, f, pick } = useSpeech();
  const { reasons, insufficient = [], red_for_s } = found.violation;
  return (
    <section className="block">
      <h3>{t.review.why}</h3>
      {red_for_s !== undefined && (
        <p className="red-for">
          <i className="lamp red" />
          {t.review.redAtAct(f.decimal(red_for_s, 1))}
        </p>
      )}
      <ul className="reasons">
        {reasons.map((reason) => (
          <li key={reason.code}>
            <Icon name="check" />
            <span>{pick(reason.vi, reason.en)}</span>
          </li>
        ))}
        {insufficient.map((reason) => (
          <li key={reason.code} className="lacking">
            <Icon name="warn" />
            <span>
              <b>{t.review.missing}:</b> {pick(reason.vi, reason.en)}
            </span>
          </li>
        ))}
      </ul>
      <p className="small quiet">{t.review.candidate}</p>
    </section>
  );
}

export function LawBox({ found }: { found: CaseFull }) {
  const { t, f, pick } = useSpeech();
  const law = found.law;
  return (
    <section className="block law">
      <h3>{t.review.law.title}</h3>
      {!law && <Notice tone="warn">{t.review.law.none}</Notice>}
      {law && (
        <>
          <p>
            <span className="strong">{pick(law.article_vi, law.article_en ?? law.article_vi)}</span>
            <br />
            <span className="small">{pick(law.behaviour_vi, law.behaviour_en)}</span>
          </p>
          <dl>
            <div>
              <dt>{t.review.law.fine}</dt>
              <dd>
                {f.integer(law.fine_min)} – {f.money(law.fine_max)}
              </dd>
            </div>
            <div>
              <dt>{t.review.law.points}</dt>
              <dd>
                {law.points === null
                  ? t.unknown
                  : law.points === 0
                    ? t.review.law.noPoints
                    : t.review.law.pointsOf(f.integer(law.points))}
              </dd>
            </div>
            {found.route && (
              <div>
                <dt>{t.review.law.route}</dt>
                <dd>{pick(found.route.who_vi, found.route.who_en)}</dd>
              </div>
            )}
          </dl>
          <p className="small quiet">
            {law.ward_police_chief_competent ? t.review.law.ward : t.review.law.notWard}.{" "}
            {t.review.law.asOf(f.date(law.as_of))}.
          </p>
          {law.verified === false && <Notice tone="warn">{t.review.law.unverified}</Notice>}
        </>
      )}
    </section>
  );
}

export function Clocks({ found }: { found: CaseFull }) {
  const { t, f, pick } = useSpeech();
  const { uncertainty_s } = found.clock;
  return (
    <section className="block">
      <h3>{t.review.clocks}</h3>
      <ul className="clocks">
        {found.clocks.map((clock) => {
          const { unit, n } = distance(clock.due_at, Date.now());
          const late = Date.parse(clock.due_at) < Date.now();
          const length = t.review[unit](f.integer(Math.abs(n)));
          return (
            <li key={clock.code}>
              <span className="cut" title={pick(clock.vi, clock.en)}>
                {pick(clock.vi, clock.en)}
              </span>
              <span className="small quiet">{f.date(clock.due_at)}</span>
              <Badge
                tone={
                  clock.done ? "good" : late ? "bad" : unit === "hours" || n < 3 ? "warn" : "calm"
                }
              >
                {clock.done
                  ? t.review.clockDone
                  : late
                    ? t.review.clockLate(length)
                    : t.review.clockLeft(length)}
              </Badge>
            </li>
          );
        })}
      </ul>
      {!found.clock_known && <Notice tone="warn">{t.review.clockUnknown}</Notice>}
      {found.clock_known && uncertainty_s !== null && (
        <p className="small quiet">
          {t.review.clockOf}: {t.review.uncertainty(f.decimal(uncertainty_s, 1))}
        </p>
      )}
    </section>
  );
}

export function Past({ found }: { found: CaseFull }) {
  const { t, f } = useSpeech();
  return (
    <>
      <section className="block">
        <h3>{t.review.same}</h3>
        {found.same_vehicle.length === 0 && <p className="small quiet">{t.review.sameNone}</p>}
        <ul className="past small">
          {found.same_vehicle.map((other) => (
            <li key={other.id}>
              <Link to={`/review/${encodeURIComponent(other.id)}`}>
                {wordOf(t.kinds, other.kind)}
              </Link>
              <span className="quiet">{f.short(other.act_at)}</span>
              <Badge>{t.states[other.state]}</Badge>
            </li>
          ))}
        </ul>
      </section>
      <section className="block">
        <h3>{t.review.history}</h3>
        <ul className="past small">
          {found.history.map((entry) => (
            <li key={`${entry.at} ${entry.action}`} className="entry">
              <span className="strong">{entry.who}</span>
              <span>{wordOf(t.review.actions, entry.action.replace(/^case\./, ""))}</span>
              <span className="quiet push">{f.short(entry.at)}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="block">
        <h3>{t.review.evidence}</h3>
        <p className="small quiet">
          {t.review.files(f.integer(found.files.length))}
          {found.files[0] && (
            <>
              {" · SHA-256 "}
              <span className="mono">{found.files[0].sha256.slice(0, 12)}…</span>
            </>
          )}
        </p>
        <a
          className="button"
          href={`/api/v1/cases/${encodeURIComponent(found.id)}/evidence.zip`}
          download
        >
          <Icon name="zip" />
          {t.review.evidenceZip}
        </a>
      </section>
    </>
  );
}
