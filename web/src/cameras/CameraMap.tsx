// The town as dots and outlines, made of the points' own coordinates: it needs no internet. Points
// are buttons; the chosen one tells of its cameras beside the map.
import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Camera } from "../api/types";
import { Button, classes } from "../design/parts";
import { useSpeech } from "../i18n";
import { Coverage, StateBadge } from "./Cameras";
import { outline, type Point, project, scaleBar } from "./projection";

interface Place {
  id: string;
  name: string;
  unit: string | null;
  at: Point;
  cameras: Camera[];
}

interface Frame {
  x: number;
  y: number;
  w: number;
  h: number;
}

const WORST = ["offline", "waiting_for_repair", "working", "planned"];
const ASPECT = 1.55;

function placesOf(cameras: Camera[]): Place[] {
  const places = new Map<string, Place>();
  let origin: { latitude: number; longitude: number } | null = null;
  for (const camera of cameras) {
    const { point } = camera;
    if (!point || point.latitude === null || point.longitude === null) continue;
    origin ??= { latitude: point.latitude, longitude: point.longitude };
    const known = places.get(point.id);
    if (known) known.cameras.push(camera);
    else {
      const at = project(point.latitude, point.longitude, origin);
      places.set(point.id, {
        id: point.id,
        name: point.name,
        unit: point.unit,
        at,
        cameras: [camera],
      });
    }
  }
  return [...places.values()];
}

/** All points with room around them, in the map's shape. */
function around(places: readonly Place[]): Frame {
  const xs = places.map((p) => p.at.x);
  const ys = places.map((p) => p.at.y);
  const margin = 2;
  const [x1, x2] = [Math.min(...xs) - margin, Math.max(...xs) + margin];
  const [y1, y2] = [Math.min(...ys) - margin, Math.max(...ys) + margin];
  const w = Math.max(x2 - x1, (y2 - y1) * ASPECT);
  const h = w / ASPECT;
  return { x: (x1 + x2 - w) / 2, y: (y1 + y2 - h) / 2, w, h };
}

function stateOf(place: Place): string {
  const states = place.cameras.map((c) => c.state ?? "unknown");
  return WORST.find((state) => states.includes(state)) ?? "unknown";
}

export function CameraMap({ cameras }: { cameras: Camera[] }) {
  const { t, f } = useSpeech();
  const places = useMemo(() => placesOf(cameras), [cameras]);
  const whole = useMemo(() => around(places), [places]);
  const [frame, setFrame] = useState<Frame>(whole);
  const [chosen, setChosen] = useState<string | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<{ x: number; y: number } | null>(null);
  useEffect(() => setFrame(whole), [whole]);

  const zoom = (factor: number, px = 0.5, py = 0.5) =>
    setFrame((v) => {
      const w = Math.min(whole.w * 1.5, Math.max(whole.w / 20, v.w / factor));
      const h = w / ASPECT;
      return { x: v.x + (v.w - w) * px, y: v.y + (v.h - h) * py, w, h };
    });
  const latestZoom = useRef(zoom);
  latestZoom.current = zoom;
  useEffect(() => {
    const element = svg.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const rect = element.getBoundingClientRect();
      latestZoom.current(
        Math.exp(-event.deltaY * 0.0015),
        (event.clientX - rect.left) / rect.width,
        (event.clientY - rect.top) / rect.height,
      );
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);
  const onPointerMove = (event: PointerEvent) => {
    const last = drag.current;
    const rect = svg.current?.getBoundingClientRect();
    if (!last || !rect) return;
    drag.current = { x: event.clientX, y: event.clientY };
    const dx = ((event.clientX - last.x) / rect.width) * frame.w;
    const dy = ((event.clientY - last.y) / rect.height) * frame.h;
    setFrame((v) => ({ ...v, x: v.x - dx, y: v.y - dy }));
  };

  const units = new Map<string, Point[]>();
  for (const place of places) {
    if (place.unit) units.set(place.unit, [...(units.get(place.unit) ?? []), place.at]);
  }
  // One screen pixel in kilometres, at the width that the map usually has.
  const px = frame.w / 900;
  const unplaced = cameras.length - places.reduce((n, p) => n + p.cameras.length, 0);
  const bar = scaleBar(frame.w / 5);
  const selected = places.find((place) => place.id === chosen) ?? null;

  return (
    <div className="map-layout">
      <div className="panel map">
        {/* biome-ignore lint/a11y/useSemanticElements: SVG has no group that HTML knows */}
        <svg
          ref={svg}
          viewBox={`${frame.x} ${frame.y} ${frame.w} ${frame.h}`}
          role="group"
          aria-label={t.cameras.map}
          onPointerDown={(e) => {
            drag.current = { x: e.clientX, y: e.clientY };
          }}
          onPointerMove={onPointerMove}
          onPointerUp={() => {
            drag.current = null;
          }}
          onPointerLeave={() => {
            drag.current = null;
          }}
        >
          {[...units].map(([unit, points], i) => {
            const shape = outline(points);
            const middle = {
              x: points.reduce((s, p) => s + p.x, 0) / points.length,
              y: Math.min(...points.map((p) => p.y)) - 26 * px,
            };
            return (
              <g key={unit} className={`unit u${i % 6}`}>
                <path d={`M${shape.map((p) => `${p.x} ${p.y}`).join("L")}Z`} strokeWidth={1.5} />
                <text x={middle.x} y={middle.y} fontSize={13 * px}>
                  {unit}
                </text>
              </g>
            );
          })}
          {places.map((place) => {
            const open = place.cameras.reduce((n, c) => n + c.violations_open, 0);
            return (
              // biome-ignore lint/a11y/useSemanticElements: SVG has no button
              <g
                key={place.id}
                className={classes("place", stateOf(place), place.id === chosen && "chosen")}
                role="button"
                tabIndex={0}
                aria-label={`${place.name}, ${t.cameras.open}: ${open}`}
                aria-pressed={place.id === chosen}
                onClick={() => setChosen(place.id)}
                onKeyDown={(e) => {
                  if (e.key !== "Enter" && e.key !== " ") return;
                  e.preventDefault();
                  setChosen(place.id);
                }}
              >
                <title>{place.name}</title>
                <circle className="ring" cx={place.at.x} cy={place.at.y} r={13 * px} />
                <circle cx={place.at.x} cy={place.at.y} r={9 * px} />
                <text x={place.at.x} y={place.at.y + 3.6 * px} fontSize={10 * px}>
                  {place.cameras.length}
                </text>
                {(frame.w < whole.w * 0.6 || place.id === chosen) && (
                  <text
                    className="name"
                    x={place.at.x + 15 * px}
                    y={place.at.y + 4 * px}
                    fontSize={12 * px}
                  >
                    {place.name}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
        <div className="map-tools">
          <Button icon="plus" aria-label={t.review.zoomIn} onClick={() => zoom(1.6)} />
          <Button icon="minus" aria-label={t.review.zoomOut} onClick={() => zoom(1 / 1.6)} />
          <Button
            icon="fit"
            aria-label={t.cameras.reset}
            title={t.cameras.reset}
            onClick={() => setFrame(whole)}
          />
        </div>
        <div className="map-scale small">
          <span className="north">{t.cameras.north} ↑</span>
          <span className="bar" style={{ width: `${(bar / frame.w) * 100}%` }} />
          {bar < 1 ? `${f.integer(bar * 1000)} m` : `${f.integer(bar)} km`}
        </div>
      </div>
      <div className="panel map-side">
        {selected ? (
          <PlaceCard place={selected} />
        ) : (
          <div className="stack small quiet">
            <p>{t.cameras.mapHint}</p>
            <ul className="map-legend">
              {(["working", "waiting_for_repair", "offline", "planned"] as const).map((state) => (
                <li key={state} className={`place ${state}`}>
                  <svg viewBox="0 0 12 12" aria-hidden="true">
                    <circle cx="6" cy="6" r="5" />
                  </svg>
                  {t.cameras.states[state]}
                </li>
              ))}
            </ul>
            {unplaced > 0 && <p>{t.cameras.unplaced(f.integer(unplaced))}</p>}
          </div>
        )}
      </div>
    </div>
  );
}

function PlaceCard({ place }: { place: Place }) {
  const { t, f } = useSpeech();
  return (
    <div className="stack">
      <div>
        <h2>{place.name}</h2>
        <p className="small quiet">{place.unit}</p>
      </div>
      {place.cameras.map((camera) => (
        <section key={camera.id} className="place-camera stack">
          <div className="row spread">
            <span className="strong">{camera.id}</span>
            <StateBadge state={camera.state} />
          </div>
          <p className="small quiet">{camera.role}</p>
          <div className="row spread small">
            {t.cameras.coverage}
            <Coverage share={camera.coverage_30_days} />
          </div>
          <div className="row spread small">
            {t.cameras.open}
            <span className="strong">{f.integer(camera.violations_open)}</span>
          </div>
        </section>
      ))}
    </div>
  );
}
