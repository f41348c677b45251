// Every key of the case screen, on one page.
import { REJECT_REASONS } from "../api/types";
import { Dialog } from "../design/parts";
import { useSpeech } from "../i18n";

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const k = t.review.keyList;
  const groups: [string, [string[], string][]][] = [
    [
      k.deciding,
      [
        [["↵"], k.confirm],
        [["N", "Y"], k.answers],
        [["A"], k.allNo],
        [["P"], k.plate],
        [["U"], k.undo],
        ...REJECT_REASONS.map((reason, i): [string[], string] => [
          [String(i + 1)],
          t.review.rejectReasons[reason],
        ]),
      ],
    ],
    [
      k.playing,
      [
        [["␣"], k.space],
        [["←", "→"], k.arrows],
        [["[", "]"], k.marks],
        [["T"], k.track],
      ],
    ],
    [
      k.pictures,
      [
        [["+", "−"], k.zoom],
        [["⇧ ←↑↓→"], k.pan],
        [["F"], k.fit],
        [["V"], k.vehicle],
        [["B"], k.boxes],
      ],
    ],
    [
      k.moving,
      [
        [["J", "K"], k.next],
        [["Esc"], k.back],
        [["?"], k.help],
      ],
    ],
  ];
  return (
    <Dialog title={t.review.keys} wide closeWord={t.close} onClose={onClose}>
      <div className="keys-table">
        {groups.map(([title, rows]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {rows.map(([keys, words]) => (
                <div key={words}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
