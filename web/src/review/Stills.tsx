// Before, act, after: three pictures that zoom and move as one.
import { type PointerEvent, useEffect, useRef } from "react";
import type { CaseFull, EvidenceFile, PixelBox } from "../api/types";
import { Icon } from "../design/icons";
import { Button } from "../design/parts";
import { useSpeech } from "../i18n";
import { fileOf } from "./files";
import { useObject } from "./useObject";
import { middleOf, panned, type View, WHOLE, zoomed } from "./view";

interface Props {
  found: CaseFull;
  view: View;
  boxes: boolean;
  onView: (change: (view: View) => View) => void;
  onVehicle: () => void;
  onBoxes: () => void;
  /** The act's still stands on the screen for the first time. */
  onPaint: () => void;
}

const DEFAULT_SIZE: [number, number] = [1600, 900];

export function Stills({ found, view, boxes, onView, onVehicle, onBoxes, onPaint }: Props) {
  const { t, f } = useSpeech();
  const size = found.size ?? DEFAULT_SIZE;
  const { before, act, after, box_before, box_act, box_after } = found.violation;
  const from = (at: { t_us: number }) => (at.t_us - act.t_us) / 1e6;
  const signed = (s: number) => `${s > 0 ? "+" : "−"}${f.decimal(Math.abs(s), 1)}`;
  const shown = [
    { role: "still_before", words: t.review.stills.before, box: box_before, at: from(before) },
    { role: "still_act", words: t.review.stills.act, box: box_act, at: 0 },
    { role: "still_after", words: t.review.stills.after, box: box_after, at: from(after) },
  ] as const;
  return (
    <section className="stills" aria-label={shown.map((s) => s.words).join(", ")}>
      {shown.map(({ role, words, box, at }) => (
        <Still
          key={role}
          id={found.id}
          file={fileOf(found.files, role)}
          words={words}
          when={at === 0 ? f.time(found.act_at) : t.review.seconds(signed(at))}
          box={box}
          size={size}
          view={view}
          boxes={boxes}
          onView={onView}
          onPaint={role === "still_act" ? onPaint : null}
        />
      ))}
      <div className="still-tools">
        <Button
          look="plain"
          icon="minus"
          aria-label={t.review.zoomOut}
          title={`${t.review.zoomOut} (−)`}
          onClick={() => onView((v) => zoomed(v, 1 / 1.5))}
        />
        <Button
          look="plain"
          icon="plus"
          aria-label={t.review.zoomIn}
          title={`${t.review.zoomIn} (+)`}
          onClick={() => onView((v) => zoomed(v, 1.5))}
        />
        <Button
          look="plain"
          icon="fit"
          aria-label={t.review.fit}
          title={`${t.review.fit} (F)`}
          onClick={() => onView(() => WHOLE)}
        />
        <Button
          look="plain"
          icon="zoom"
          aria-label={t.review.toVehicle}
          title={`${t.review.toVehicle} (V)`}
          onClick={onVehicle}
        />
        <Button
          look="plain"
          icon="picture"
          aria-label={t.review.boxes}
          title={`${t.review.boxes} (B)`}
          aria-pressed={boxes}
          onClick={onBoxes}
        />
      </div>
    </section>
  );
}

interface StillProps {
  id: string;
  file: EvidenceFile | null;
  words: string;
  when: string;
  box: PixelBox;
  size: readonly [number, number];
  view: View;
  boxes: boolean;
  onView: Props["onView"];
  onPaint: (() => void) | null;
}

function Still({ id, file, words, when, box, size, view, boxes, onView, onPaint }: StillProps) {
  const { t } = useSpeech();
  const object = useObject(id, file?.name ?? null);
  const frame = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; y: number } | null>(null);
  const { cx, cy } = middleOf(view, box, size);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    // React's own wheel listener may not stop the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const rect = element.getBoundingClientRect();
      const px = (event.clientX - rect.left) / rect.width;
      const py = (event.clientY - rect.top) / rect.height;
      onView((v) => zoomed(v, Math.exp(-event.deltaY * 0.0016), px, py));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [onView]);

  const onPointerMove = (event: PointerEvent) => {
    const last = drag.current;
    const rect = frame.current?.getBoundingClientRect();
    if (!last || !rect) return;
    drag.current = { x: event.clientX, y: event.clientY };
    const dx = (event.clientX - last.x) / rect.width;
    const dy = (event.clientY - last.y) / rect.height;
    onView((v) => panned(v, dx, dy));
  };

  return (
    <figure className="still">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys and buttons do the same */}
      <div
        ref={frame}
        className="still-frame"
        style={{ aspectRatio: `${size[0]} / ${size[1]}` }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, y: event.clientY };
        }}
        onPointerMove={onPointerMove}
        onPointerUp={() => {
          drag.current = null;
        }}
        onDoubleClick={() => onView((v) => (v.scale > 1 ? WHOLE : zoomed(v, 3)))}
      >
        {typeof object === "object" ? (
          <div
            className="still-picture"
            style={{
              transform: `translate(${(0.5 - cx * view.scale) * 100}%, ${(0.5 - cy * view.scale) * 100}%) scale(${view.scale})`,
            }}
          >
            <img
              src={object.url}
              alt={words}
              draggable={false}
              onLoad={() => onPaint && requestAnimationFrame(onPaint)}
            />
            {boxes && <Corners box={box} size={size} />}
          </div>
        ) : (
          <p className="no-picture">
            {object === "loading" ? (
              t.loading
            ) : (
              <>
                <Icon name="picture" />
                {t.review.missingStill}
              </>
            )}
          </p>
        )}
        <figcaption>
          <span className="strong">{words}</span>
          <span>{when}</span>
        </figcaption>
      </div>
    </figure>
  );
}

/** The corners of a box: they point at the vehicle and hide nothing of it. */
function Corners({
  box: [x1, y1, x2, y2],
  size,
}: {
  box: PixelBox;
  size: readonly [number, number];
}) {
  const l = Math.min(x2 - x1, y2 - y1) * 0.24;
  const d = [
    `M${x1} ${y1 + l}V${y1}H${x1 + l}`,
    `M${x2 - l} ${y1}H${x2}V${y1 + l}`,
    `M${x2} ${y2 - l}V${y2}H${x2 - l}`,
    `M${x1 + l} ${y2}H${x1}V${y2 - l}`,
  ].join("");
  return (
    <svg className="corners" viewBox={`0 0 ${size[0]} ${size[1]}`} aria-hidden="true">
      <path className="halo" d={d} />
      <path d={d} />
    </svg>
  );
}
