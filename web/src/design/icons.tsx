// The product's own icons: one line weight, drawn on a 24-pixel field.
const PATHS = {
  review: "M4 5h16v11H4zM8 20h8M12 16v4M9 10.5l2 2 4-4",
  stats: "M4 20V4M4 20h16M8 16v-5M12 16V7M16 16v-7",
  cameras: "M3 8l12-4 2 5-12 4zM7 13v5h4M17 9l4 2",
  audit: "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h5",
  accounts:
    "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M2 21c0-4 3-6 7-6s7 2 7 6M16 4a4 4 0 0 1 0 7M18 15c2.5 .8 4 3 4 6",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.400M17.6 17.6 19 19M5 19l1.4-1.400M17.6 6.4 19 5",
  moon: "M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.500l4.5 4.500L19 7",
  reject: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M6 6l12 12",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3.5 2",
  warn: "M12 4 2.5 20h19zM12 10v4.500M12 17.300v.2",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5.500M12 7.600v.2",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c0-4 3.5-6 8-6s8 2 8 6",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  offline:
    "M4 4l16 16M8.5 16.500a5 5 0 0 1 7 0M5 13a10 10 0 0 1 5-2.700M19 13a10 10 0 0 0-3-2M12 20v.2",
  keyboard: "M3 6h18v12H3zM7 10v.2M11 10v.2M15 10v.2M7 14h10",
  track: "M4 19c4 0 3-6 7-6s3-7 9-8M4 19v.2M20 5v.2",
  zoom: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 21 21M8 10.500h5M10.5 8v5",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9v.2",
  scale: "M12 4v16M7 20h10M5 7l7-2 7 2M5 7l-3 7h6zM19 7l-3 7h6z",
  group: "M5 6h10v8H5zM9 14v4h10v-8h-4",
  filter: "M4 6h16M7 12h10M10 18h4",
  reload: "M20 11a8 8 0 1 0-2 6M20 5v6h-6",
  seal: "M12 3l7 3v6c0 4-3 7-7 9-4-2-7-5-7-9V6zM9 12l2.2 2.200L15.5 10",
  out: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  map: "M4 6l5-2 6 2 5-2v14l-5 2-6-2-5 2zM9 4v14M15 6v14",
  list: "M4 6h16M4 12h16M4 18h16",
  zip: "M6 3h9l4 4v14H6zM10 3v2M12 6v2M10 9v2M12 12v2M10 16h3v2h-3z",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words; alone in a button, the button carries the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: an intersection seen from above. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2b50c8" />
      <path
        d="M13 4v9H4M19 4v9h9M13 28v-9H4M19 28v-9h9"
        fill="none"
        stroke="#fff"
        strokeWidth="2.4"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      <circle cx="16" cy="16" r="2.2" fill="#fff" />
    </svg>
  );
}
