// A made-up town: points, cameras and cases. The same at every start.
import type {
  Camera,
  CaseFull,
  CaseState,
  EvidenceFile,
  LampState,
  PlateReading,
} from "../../src/api/types";

/** A small generator of numbers from 0 to 1, so that every start shows the same town. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const POINTS: [string, string, string, number, number, number][] = [
  ["P01", "Ngã tư Miếu Ông Cù", "Tân Khánh", 10.972, 106.746, 2],
  ["P02", "Cầu Ông Tiếp (hướng Biên Hòa)", "Tân Khánh", 10.968, 106.775, 1],
  ["P03", "Cầu Tân Khánh (đầu ĐT746)", "Tân Khánh", 10.995, 106.722, 1],
  ["P04", "Ngã tư ĐT746 x ĐT747B", "Tân Khánh", 10.991, 106.729, 2],
  ["P05", "Ngã tư Tân Vĩnh Hiệp", "Tân Khánh", 11.03, 106.712, 1],
  ["P06", "Ngã tư Khánh Bình (ĐT746)", "Tân Hiệp", 11.04, 106.76, 2],
  ["P07", "Vòng xoay Tân Hiệp", "Tân Hiệp", 11.06, 106.738, 2],
  ["P08", "Ngã tư Tân Hiệp - ĐT742", "Tân Hiệp", 11.08, 106.725, 2],
  ["P09", "Ngã tư Phú Chánh (ĐT742)", "Bình Dương", 11.065, 106.7, 2],
  ["P10", "Ranh Hòa Lợi (Bến Cát)", "Bình Dương", 11.085, 106.692, 1],
  ["P11", "Ngã tư Vĩnh Tân (ĐT742)", "Vĩnh Tân", 11.11, 106.722, 2],
  ["P12", "Ranh Tân Bình (hướng Cổng Xanh)", "Vĩnh Tân", 11.138, 106.735, 1],
  ["P13", "Ngã ba Hội Nghĩa", "Bình Cơ", 11.105, 106.765, 2],
  ["P14", "Ranh Bình Mỹ", "Bình Cơ", 11.138, 106.77, 1],
  ["P15", "Mười Muộn", "Tân Uyên", 11.064, 106.795, 2],
  ["P16", "Trung tâm Uyên Hưng (chợ, bến xe)", "Tân Uyên", 11.058, 106.8, 2],
  ["P17", "Cầu Bạch Đằng 2 (hướng Vĩnh Cửu)", "Tân Uyên", 11.03, 106.808, 1],
];

const random = numbers(7);
const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

export const DAY = 86_400_000;
export const NOW = Date.now();

export const cameras: Camera[] = POINTS.flatMap(([id, name, unit, latitude, longitude, n], at) =>
  Array.from({ length: n }, (_, i): Camera => {
    const state =
      at === 9 ? "waiting_for_repair" : at === 16 ? "planned" : at === 13 ? "offline" : "working";
    const seen = state === "working" || state === "offline";
    return {
      id: `${id}-C${i + 1}`,
      point: { id, name, unit, latitude, longitude },
      role: i === 0 ? "vạch dừng, đèn, biển số" : "toàn cảnh, đếm xe",
      source_class:
        at % 6 === 5
          ? "citizen_data"
          : i === 0
            ? "traffic_surveillance_system"
            : "state_security_camera",
      state,
      last_run: seen
        ? {
            source: `${id}.mp4`,
            finished_at: new Date(NOW - random() * DAY).toISOString(),
            frames: 9000,
          }
        : null,
      violations_open: seen && i === 0 ? Math.floor(random() * 60) : 0,
      coverage_30_days: seen ? (state === "offline" ? 0.41 : 0.82 + random() * 0.18) : null,
    };
  }),
);

const KINDS: Record<string, { vi: string; en: string }> = {
  red_light: { vi: "Không chấp hành đèn tín hiệu (vượt đèn đỏ)", en: "Running a red light" },
  stop_line: { vi: "Dừng đè vạch dừng", en: "Stopped over the stop line" },
  wrong_way: { vi: "Đi ngược chiều", en: "Driving the wrong way" },
  banned_movement: { vi: "Rẽ nơi cấm rẽ", en: "Banned turn or movement" },
};

const CLASSES: Record<string, string> = {
  motorbike: "xe mô tô / xe gắn máy",
  car: "xe ô tô con",
  truck: "xe tải",
};

const LAW: Record<string, [string, string, string, number, number, number]> = {
  red_light: [
    "điểm c khoản 7 Điều 7",
    "Vượt đèn đỏ / không chấp hành hiệu lệnh đèn tín hiệu",
    "Running the red light",
    4e6,
    6e6,
    4,
  ],
  stop_line: [
    "điểm a khoản 1 Điều 7",
    "Dừng xe đè vạch dừng",
    "Stopped over the stop line",
    2e5,
    4e5,
    0,
  ],
  wrong_way: [
    "điểm a khoản 7 Điều 7",
    "Đi ngược chiều của đường một chiều",
    "Against a one-way road",
    4e6,
    6e6,
    2,
  ],
  banned_movement: [
    "điểm e khoản 3 Điều 7",
    "Rẽ nơi có biển cấm",
    "A turn where a sign forbids it",
    6e5,
    8e5,
    0,
  ],
};

const QUESTIONS = [
  {
    code: "priority_vehicle",
    vi: "Có phải xe ưu tiên đang làm nhiệm vụ không?",
    en: "Is it a priority vehicle on duty?",
  },
  {
    code: "officer_directing",
    vi: "Có cảnh sát giao thông đang điều khiển không?",
    en: "Is an officer directing the traffic?",
  },
  { code: "lamp_out", vi: "Đèn có bị tắt hoặc hỏng không?", en: "Is a lamp out or broken?" },
];

function reading(i: number, car: boolean): PlateReading | null {
  if (i % 13 === 5) return null;
  const digits = String(10000 + Math.floor(random() * 89999));
  const head = car ? "61A" : `59T${1 + (i % 3)}`;
  const text = head + digits;
  const two = `${digits.slice(0, 3)}.${digits.slice(3)}`;
  const printed = car ? `61A-${two}` : `59-T${1 + (i % 3)} ${two}`;
  const blank = {
    text: "",
    printed: "",
    characters: [],
    raw: "",
    score: 0,
    looks: 4,
    votes: 0,
    width_px: 21,
  };
  if (i % 7 === 3)
    return { ...blank, verdict: "unreadable", unreadable: i % 2 ? "blurred" : "too_small" };
  const doubtful = i % 3 === 1;
  const at = text.length - 2;
  return {
    verdict: doubtful ? "doubtful" : "sure",
    text,
    printed,
    score: doubtful ? 0.71 : 0.97,
    characters: [...text].map((char, n) => ({
      char,
      score: doubtful && n === at ? 0.48 : 0.96,
      doubtful: doubtful && n === at,
      ...(doubtful && n === at
        ? {
            read_as: "B",
            others: [
              ["8", 0.31],
              ["6", 0.12],
            ] as [string, number][],
          }
        : {}),
    })),
    raw: text,
    alternatives: doubtful
      ? [
          {
            text: `${text.slice(0, at)}8${text.slice(at + 1)}`,
            printed: `${printed.slice(0, -2)}8${printed.slice(-1)}`,
            kind: "private",
            score: 0.31,
          },
        ]
      : [],
    layout: car ? "one-line" : "two-line",
    colour: i % 11 === 4 ? "yellow" : "white",
    looks: 9,
    votes: doubtful ? 5 : 9,
    width_px: 88,
    doubts: doubtful
      ? [
          {
            code: "close_call",
            vi: "Một ký tự có hai cách đọc gần nhau",
            en: "One character has two close readings",
          },
        ]
      : [],
  };
}

export const FPS = 10;
export const SIZE: [number, number] = [1600, 900];

/** Where the road user stands at a time of the clip: it comes from below and drives away. */
export function placeAt(lane: number, t: number): { x: number; y: number; scale: number } {
  const share = Math.min(1, Math.max(0, t / 6));
  const depth = 1 - share * 0.86;
  const y = 330 + 560 * depth ** 1.6;
  const middle = 800 + (lane - 1) * 250 * ((y - 250) / 640);
  return { x: middle, y, scale: (y - 210) / 640 };
}

function box(lane: number, t: number, car: boolean): [number, number, number, number] {
  const { x, y, scale } = placeAt(lane, t);
  const w = (car ? 330 : 120) * scale;
  const h = (car ? 280 : 260) * scale;
  return [x - w / 2, y - h, x + w / 2, y];
}

function file(
  name: string,
  role: EvidenceFile["role"],
  frame: number | null,
  at: number,
): EvidenceFile {
  return {
    name,
    role,
    frame,
    taken_at: new Date(at).toISOString(),
    bytes: 180_000,
    sha256: "9f2c41d7".repeat(8),
  };
}

const STATES: CaseState[] = ["first_confirmed", "confirmed", "rejected", "notice_drafted", "sent"];

export function makeCase(i: number): CaseFull {
  const kind =
    i % 9 === 6
      ? "wrong_way"
      : i % 5 === 3
        ? "stop_line"
        : i % 8 === 7
          ? "banned_movement"
          : "red_light";
  const cls = i % 4 === 1 ? "car" : i % 17 === 9 ? "truck" : "motorbike";
  const car = cls !== "motorbike";
  const working = cameras.filter((c) => c.state === "working");
  const camera = one(working);
  const act = NOW - (i < 3 ? 9.6 * DAY : random() * 9 * DAY) - 3600_000;
  const lane = i % 3;
  const state: CaseState = i < 44 ? "flagged" : (STATES[i % 5] as CaseState);
  const plate = reading(i, car);
  const insufficient = i % 10 === 8;
  const actS = 3;
  const beforeS = 1.6;
  const afterS = 4.4;
  const red = kind === "red_light" || kind === "stop_line";
  const redFor = 1.2 + random() * 22;
  const [article, bVi, bEn, min, max, points] = LAW[kind] as (typeof LAW)[string];
  const id = `${camera.id.toLowerCase()}-${(0x9f2c41d7 + i * 7919).toString(16)}-${kind.replace("_", "-")}-f${1200 + i * 37}-t${10 + i}`;
  const hasClip = i % 12 !== 11;
  const grey: LampState = i % 10 === 8 ? "unknown" : "green";
  const due = act + 10 * DAY;
  const first = state === "first_confirmed" ? (i % 2 ? "le.van.binh" : "tran.thi.hoa") : null;
  const k = KINDS[kind] as { vi: string; en: string };
  const seconds = (t: number) => ({ frame: Math.round(t * FPS), t_us: t * 1e6 });
  return {
    id,
    state,
    kind,
    kind_vi: k.vi,
    kind_en: k.en,
    rule: `${kind}-bac`,
    verdict: insufficient ? "insufficient" : "sure",
    confidence: 0.7 + random() * 0.29,
    camera: camera.id,
    point: camera.point,
    place: camera.point?.name ?? "",
    class: cls,
    class_vi: CLASSES[cls] ?? cls,
    act_at: new Date(act).toISOString(),
    clock_known: i % 15 !== 14,
    plate: plate
      ? {
          shown: plate.verdict === "unreadable" ? "" : shownOf(plate),
          verdict: plate.verdict,
          edited: false,
        }
      : null,
    sure_share: 0.8,
    group: i === 4 || i === 9 ? "same" : id,
    group_size: i === 4 || i === 9 ? 2 : 1,
    held_by: i === 6 ? "tran.thi.hoa" : null,
    first_by: first,
    due_at: new Date(due).toISOString(),
    due: "identify",
    still: "act.jpg",
    violation: {
      kind,
      rule: `${kind}-bac`,
      track: 10 + i,
      class: cls,
      confidence: 0.9,
      before: seconds(beforeS),
      act: seconds(actS),
      after: seconds(afterS),
      box_before: box(lane, beforeS, car),
      box_act: box(lane, actS, car),
      box_after: box(lane, afterS, car),
      verdict: insufficient ? "insufficient" : "sure",
      reasons: reasonsOf(kind, redFor),
      ...(insufficient
        ? {
            insufficient: [
              {
                code: "lamp_unsure",
                vi: "Đèn bị che trong 0,6 giây trước khi xe qua vạch",
                en: "The lamp was covered for 0.6 s before the crossing",
              },
            ],
          }
        : {}),
      line: "vach-dung-bac",
      ...(red ? { head: "bac", red_for_s: redFor } : {}),
    },
    plate_reading: plate,
    plate_text: plate && plate.verdict !== "unreadable" ? plate.text : null,
    plate_edits: [],
    files: [
      file("before.jpg", "still_before", 16, act - 1400),
      file("act.jpg", "still_act", 30, act),
      file("after.jpg", "still_after", 44, act + 1400),
      ...(plate && plate.verdict !== "unreadable"
        ? [file("plate.jpg", "plate_crop", 30, act)]
        : []),
      ...(hasClip ? [file("clip.mp4", "clip", null, act - 3000)] : []),
    ],
    clip: hasClip
      ? {
          name: "clip.mp4",
          from_s: 40,
          act_s: actS,
          before_s: beforeS,
          after_s: afterS,
          duration_s: 6,
          fps: FPS,
        }
      : null,
    track: Array.from({ length: 56 }, (_, n) => {
      const t = 0.2 + n / FPS;
      const p = placeAt(lane, t);
      return { t_s: t, x: p.x, y: p.y };
    }),
    size: SIZE,
    signal: red
      ? [
          {
            head: "bac",
            state: grey,
            from_s: 0,
            to_s: Math.max(0, actS - Math.min(redFor, 2.4) - 0.5),
          },
          {
            head: "bac",
            state: "amber",
            from_s: Math.max(0, actS - Math.min(redFor, 2.4) - 0.5),
            to_s: actS - Math.min(redFor, 2.4),
          },
          { head: "bac", state: "red", from_s: actS - Math.min(redFor, 2.4), to_s: 6 },
        ]
      : [],
    clock: { clock: "camera_rtcp", uncertainty_s: 0.2, offset_s: 0 },
    law: {
      code: "M01",
      behaviour_vi: bVi,
      behaviour_en: bEn,
      article_vi: `${article} NĐ 168/2024/NĐ-CP`,
      fine_min: car ? min * 4 : min,
      fine_max: car ? max * 4 : max,
      points: points === 0 ? 0 : points,
      ward_police_chief_competent: kind === "banned_movement",
      valid_from: "2025-01-01",
      as_of: new Date(act).toISOString(),
    },
    route: {
      who_vi: "Đội CSGT, Phòng Cảnh sát giao thông TP.HCM",
      who_en: "Traffic police team, Traffic Police Division",
    },
    questions: QUESTIONS.slice(0, red ? 3 : 2),
    history: [
      {
        at: new Date(act + 60_000).toISOString(),
        who: "giaolo",
        action: "violation.found",
        detail: null,
      },
      ...(first
        ? [{ at: new Date(act + DAY).toISOString(), who: first, action: "confirmed", detail: null }]
        : []),
    ],
    same_vehicle:
      i % 4 === 0
        ? [
            {
              id: `${id}-x`,
              act_at: new Date(act - 3 * DAY).toISOString(),
              kind: "red_light",
              state: "sent",
            },
          ]
        : [],
    clocks: [
      {
        code: "identify",
        vi: "Xác minh chủ phương tiện, gửi thông báo",
        en: "Identify the owner, send the notice",
        from: new Date(act).toISOString(),
        due_at: new Date(due).toISOString(),
        done: false,
      },
      {
        code: "limitation",
        vi: "Thời hiệu xử phạt",
        en: "Limitation period",
        from: new Date(act).toISOString(),
        due_at: new Date(act + 365 * DAY).toISOString(),
        done: false,
      },
    ],
    version: 1,
    may: {
      decide: state === "flagged" || state === "first_confirmed",
      second: state === "first_confirmed",
      edit_plate: true,
      reopen: false,
      why_not_vi: null,
      why_not_en: null,
    },
  };
}

function shownOf(plate: PlateReading): string {
  let at = 0;
  return [...plate.printed]
    .map((c) => {
      if (!/[A-Z0-9]/.test(c)) return c;
      const found = plate.characters[at];
      at += 1;
      return found?.doubtful ? "?" : c;
    })
    .join("");
}

function reasonsOf(kind: string, redFor: number) {
  const s = redFor.toFixed(1);
  if (kind === "red_light") {
    return [
      {
        code: "red_at_crossing",
        vi: `Đèn “bắc” đã đỏ ${s.replace(".", ",")} giây khi xe qua vạch dừng`,
        en: `Head “north” had been red for ${s} s when it crossed the stop line`,
      },
      {
        code: "drove_on",
        vi: "Xe đi tiếp 14 m sau vạch dừng, không dừng lại",
        en: "It drove on for 14 m past the stop line without stopping",
      },
      {
        code: "lane",
        vi: "Làn đi thẳng, không có đèn phụ rẽ phải",
        en: "Lane straight on, no auxiliary right-turn light",
      },
    ];
  }
  if (kind === "stop_line")
    return [
      {
        code: "over_line",
        vi: "Bánh trước qua vạch dừng 1,2 m khi đèn đỏ và đứng lại ở đó",
        en: "Front wheel 1.2 m over the stop line at red, and stays there",
      },
    ];
  if (kind === "wrong_way")
    return [
      {
        code: "against_lane",
        vi: "Xe đi ngược chiều làn “bắc-1” 2,6 giây, 18 m",
        en: "It went against lane “north-1” for 2.6 s, 18 m",
      },
    ];
  return [
    {
      code: "banned_turn",
      vi: "Xe rẽ trái từ hướng bắc sang đông, nơi có biển cấm rẽ trái",
      en: "It turned left from north to east, where a sign forbids it",
    },
  ];
}

export const cases: CaseFull[] = Array.from({ length: 72 }, (_, i) => makeCase(i));
const pair = cases[4];
const other = cases[9];
if (pair && other) {
  Object.assign(other, {
    plate: pair.plate,
    plate_reading: pair.plate_reading,
    plate_text: pair.plate_text,
    camera: pair.camera,
    point: pair.point,
    place: pair.place,
    act_at: new Date(Date.parse(pair.act_at) + 14_000).toISOString(),
  });
}
