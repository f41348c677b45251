// The page before signing in: the product beside one short form.
import type { ReactNode } from "react";
import { Preferences } from "../app/Shell";
import { Mark } from "../design/icons";
import { useSpeech } from "../i18n";
import "./signin.css";

export function Gate({ children }: { children: ReactNode }) {
  const { t } = useSpeech();
  return (
    <div className="gate">
      <div className="gate-side">
        <Junction />
        <div className="name">
          <Mark size={34} />
          {t.product}
        </div>
        <div className="claim">{t.tagline}</div>
      </div>
      <main className="gate-main">
        <Preferences />
        {children}
      </main>
    </div>
  );
}

/** An intersection from above, with the ways that vehicles take through it. */
function Junction() {
  const ways = [
    "M300 900 V120",
    "M360 900 V120",
    "M-20 470 H720",
    "M-20 410 H720",
    "M300 900 V560 Q300 470 390 470 H720",
    "M360 -20 V330 Q360 410 280 410 H-20",
  ];
  return (
    <svg
      className="junction"
      viewBox="0 0 680 880"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <path d="M250 -20H410V360H720V520H410V900H250V520H-20V360H250Z" fill="#1a2650" />
      <path
        d="M250 -20V360H-20M410 -20V360H720M250 900V520H-20M410 900V520H720"
        fill="none"
        stroke="#33437c"
        strokeWidth="2"
      />
      <path
        d="M330 -20V340M330 540V900M-20 440H230M430 440H720"
        stroke="#4a5c9c"
        strokeWidth="2"
        strokeDasharray="16 14"
      />
      <path d="M250 532H330M410 348H330M238 360V440M422 520V440" stroke="#c9d4ff" strokeWidth="4" />
      {ways.map((d, i) => (
        <path
          key={d}
          d={d}
          fill="none"
          stroke={i > 3 ? "#8fabff" : "#4cc9ff"}
          strokeOpacity={i > 3 ? 0.9 : 0.32}
          strokeWidth={i > 3 ? 2.4 : 1.4}
        />
      ))}
      {[
        [300, 640],
        [300, 760],
        [360, 210],
        [120, 410],
        [560, 470],
        [345, 470],
      ].map(([x, y]) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r="5" fill="#fff" />
      ))}
    </svg>
  );
}
