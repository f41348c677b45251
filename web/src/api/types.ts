// What the server answers, written by hand from docs/design/web.md. Unknown is null, never 0.

export type Role = "operator" | "reviewer" | "approver" | "analyst" | "auditor" | "administrator";

export const ROLES: readonly Role[] = [
  "reviewer",
  "approver",
  "analyst",
  "operator",
  "auditor",
  "administrator",
];

export interface SessionAccount {
  name: string;
  full_name: string;
  roles: Role[];
  units: string[];
  must_change_password: boolean;
}

export interface Session {
  account: SessionAccount | null;
  csrf: string | null;
  first_run: boolean;
  version: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number;
}

export type CaseState =
  | "flagged"
  | "first_confirmed"
  | "confirmed"
  | "rejected"
  | "notice_drafted"
  | "sent"
  | "answered"
  | "overdue"
  | "closed";

export const CASE_STATES: readonly CaseState[] = [
  "flagged",
  "first_confirmed",
  "confirmed",
  "rejected",
  "notice_drafted",
  "sent",
  "answered",
  "overdue",
  "closed",
];

export const KINDS = [
  "red_light",
  "stop_line",
  "wrong_way",
  "banned_movement",
  "closed_zone",
  "stopping",
] as const;

export type Due = "identify" | "notify" | "answer" | "limitation";

export interface PointRef {
  id: string;
  name: string;
  unit: string | null;
}

export interface PlateShown {
  shown: string;
  verdict: "sure" | "doubtful" | "unreadable";
  edited: boolean;
}

export interface CaseRow {
  id: string;
  state: CaseState;
  kind: string;
  kind_vi: string;
  kind_en: string;
  rule: string;
  verdict: "sure" | "insufficient";
  confidence: number | null;
  camera: string;
  point: PointRef | null;
  place: string;
  class: string;
  class_vi: string;
  act_at: string;
  clock_known: boolean;
  plate: PlateShown | null;
  sure_share: number | null;
  group: string | null;
  group_size: number;
  held_by: string | null;
  first_by: string | null;
  due_at: string | null;
  due: Due | null;
  still: string | null;
}

export interface Reason {
  code: string;
  vi: string;
  en: string;
}

export interface FrameTime {
  frame: number;
  t_us: number;
}

/** x1, y1, x2, y2 in pixels of the whole picture. */
export type PixelBox = [number, number, number, number];

export interface Violation {
  kind: string;
  rule: string;
  track: number;
  class: string;
  confidence: number;
  before: FrameTime;
  act: FrameTime;
  after: FrameTime;
  box_before: PixelBox;
  box_act: PixelBox;
  box_after: PixelBox;
  verdict: "sure" | "insufficient";
  reasons: Reason[];
  insufficient?: Reason[];
  line?: string;
  zone?: string;
  movement?: string;
  head?: string;
  red_for_s?: number;
}

export interface PlateChar {
  char: string;
  score: number;
  doubtful?: boolean;
  read_as?: string | null;
  others?: [string, number][];
}

export interface PlateReading {
  verdict: "sure" | "doubtful" | "unreadable";
  unreadable?: string | null;
  text: string;
  printed: string;
  kind?: string | null;
  manual?: boolean;
  score: number;
  characters: PlateChar[];
  raw: string;
  alternatives?: { text: string; printed: string; kind: string; score: number }[];
  layout?: "one-line" | "two-line" | null;
  colour?: "white" | "yellow" | "blue" | "red" | null;
  looks: number;
  votes: number;
  width_px: number;
  doubts?: Reason[];
}

export type FileRole =
  | "still_before"
  | "still_act"
  | "still_after"
  | "still_plate"
  | "overview"
  | "vehicle_crop"
  | "plate_crop"
  | "clip"
  | "other";

export interface EvidenceFile {
  name: string;
  role: FileRole;
  frame: number | null;
  taken_at: string | null;
  bytes: number;
  sha256: string;
}

export interface Clip {
  name: string;
  from_s: number;
  act_s: number;
  before_s: number;
  after_s: number;
  duration_s: number;
  fps: number;
}

export type LampState = "red" | "amber" | "green" | "flashing" | "unlit" | "unknown";

export interface SignalSpan {
  head: string;
  state: LampState;
  from_s: number;
  to_s: number;
}

export interface Law {
  code: string;
  behaviour_vi: string;
  behaviour_en: string;
  article_vi: string;
  article_en?: string;
  fine_min: number;
  fine_max: number;
  points: number | null;
  ward_police_chief_competent: boolean;
  valid_from: string;
  /** Whether the row was read in two copies of the law's text. */
  verified?: boolean;
  as_of: string;
}

export interface Question {
  code: string;
  vi: string;
  en: string;
}

export interface Clock {
  code: string;
  vi: string;
  en: string;
  from: string;
  due_at: string;
  done: boolean;
}

export interface CaseFull extends CaseRow {
  violation: Violation;
  plate_reading: PlateReading | null;
  plate_text: string | null;
  plate_edits: { at: string; who: string; from: string | null; to: string; reason: string }[];
  files: EvidenceFile[];
  clip: Clip | null;
  track: { t_s: number; x: number; y: number }[];
  size: [number, number] | null;
  signal: SignalSpan[];
  clock: { clock: string; uncertainty_s: number | null; offset_s: number | null };
  law: Law | null;
  route: { who_vi: string; who_en: string } | null;
  questions: Question[];
  history: { at: string; who: string; action: string; detail: unknown }[];
  same_vehicle: { id: string; act_at: string; kind: string; state: CaseState }[];
  clocks: Clock[];
  version: number;
  may: {
    decide: boolean;
    second: boolean;
    edit_plate: boolean;
    reopen: boolean;
    why_not_vi: string | null;
    why_not_en: string | null;
  };
}

export const REJECT_REASONS = [
  "not_a_violation",
  "wrong_vehicle",
  "plate_unreadable",
  "priority_vehicle",
  "officer_directing",
  "signal_fault",
  "poor_picture",
  "duplicate",
  "other",
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

export type Answer = "no" | "yes" | "unknown";

export interface Decision {
  version: number;
  decision: "confirm" | "reject";
  reason: RejectReason | null;
  note: string;
  answers: Record<string, Answer>;
  seconds: number;
}

export interface ReviewSummary {
  states: Partial<Record<CaseState, number>>;
  due_today: number;
  overdue: number;
  second_for_me: number;
  my_day: { decided: number; median_s: number | null };
}

export interface CountCell {
  count: number | null;
  coverage: number | null;
  /** Two recordings show the same time, so that nobody knows how many there were. */
  overlapping?: boolean;
}

export interface CountRow {
  key: {
    camera: string | null;
    line: string | null;
    way: string | null;
    movement: string | null;
    class: string | null;
  };
  cells: CountCell[];
}

export interface Counts {
  bins: string[];
  rows: CountRow[];
  peak: { from: string; count: number; factor: number | null } | null;
}

export interface ViolationCounts {
  rows: { key: string | null; count: number; confirmed: number; rejected: number }[];
}

export interface Camera {
  id: string;
  point: (PointRef & { latitude: number | null; longitude: number | null }) | null;
  role: string | null;
  source_class: string | null;
  state: string | null;
  last_run: { source: string; finished_at: string | null; frames: number | null } | null;
  violations_open: number;
  coverage_30_days: number | null;
}

export interface AuditEntry {
  sequence: number;
  at: string;
  who: string;
  action: string;
  subject: string;
  detail: unknown;
  hash: string;
}

export interface AuditVerdict {
  entries: number;
  whole: boolean;
  head: string | null;
  problem: string | null;
}

export interface Account {
  name: string;
  full_name: string;
  roles: Role[];
  units: string[];
  disabled: boolean;
  locked_until: string | null;
  must_change_password: boolean;
  last_sign_in: string | null;
}
