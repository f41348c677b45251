// What the made-up server answers, route by route.
import type {
  Account,
  AuditEntry,
  CaseFull,
  CaseRow,
  CaseState,
  CountRow,
  Decision,
  ReviewSummary,
  Role,
} from "../../src/api/types";
import { clip, plateCrop, still } from "./pictures.ts";
import { cameras, cases, DAY, NOW, numbers } from "./town.ts";

interface Answer {
  status?: number;
  json?: unknown;
  type?: string;
  bytes?: Buffer | string;
  stream?: (send: (event: string, data: unknown) => void) => () => void;
}

const person = (name: string, full: string, roles: Role[], units: string[] = []): Account => ({
  name,
  full_name: full,
  roles,
  units,
  disabled: name === "cu.nguoi.dung",
  locked_until: null,
  must_change_password: false,
  last_sign_in: name === "cu.nguoi.dung" ? null : new Date(NOW - 5 * 3600_000).toISOString(),
});

const accounts: Account[] = [
  person("all", "Nguyễn Thị Minh Châu", [
    "reviewer",
    "approver",
    "analyst",
    "operator",
    "auditor",
    "administrator",
  ]),
  person("le.van.binh", "Lê Văn Bình", ["reviewer"], ["Tân Khánh"]),
  person("tran.thi.hoa", "Trần Thị Hòa", ["reviewer", "approver"]),
  person("pham.quoc.an", "Phạm Quốc An", ["analyst"]),
  person("vo.thanh.long", "Võ Thành Long", ["operator"], ["Tân Hiệp", "Vĩnh Tân"]),
  person("dang.kiem.tra", "Đặng Thu Trang", ["auditor"]),
  person("cu.nguoi.dung", "Hồ Văn Cũ", ["reviewer"]),
];

let me: Account | null = null;
let firstRun = false;

const session = () => ({
  account: me,
  csrf: me ? "made-up" : null,
  first_run: firstRun,
  version: "0.1.0",
});

const refuse = (status: number, code: string, vi: string, en: string, more = {}): Answer => ({
  status,
  json: { error: { code, vi, en, field: null, retry_after_s: null, ...more } },
});

function page<T>(items: T[], url: URL): Answer {
  const limit = Number(url.searchParams.get("limit") ?? 50);
  const from = Number(url.searchParams.get("after") ?? 0);
  const next = from + limit < items.length ? String(from + limit) : null;
  return { json: { items: items.slice(from, from + limit), next, total: items.length } };
}

function listCases(url: URL): Answer {
  const q = url.searchParams;
  const is = (key: string, value: string | null | undefined) => !q.get(key) || q.get(key) === value;
  const plate = (q.get("plate") ?? "").toUpperCase().replace(/[^A-Z0-9]/g, "");
  const found = cases.filter(
    (c) =>
      is("state", c.state) &&
      is("kind", c.kind) &&
      is("camera", c.camera) &&
      is("point", c.point?.id) &&
      is("verdict", c.verdict) &&
      (plate === "" || (c.plate_text ?? "").includes(plate)),
  );
  const order = q.get("order") ?? "rank";
  const key = (c: CaseFull) => (order === "newest" ? -Date.parse(c.act_at) : Date.parse(c.act_at));
  const rank = (c: CaseFull) => (order === "rank" && c.verdict === "insufficient" ? 1 : 0);
  found.sort((a, b) => rank(a) - rank(b) || key(a) - key(b));
  return page(found as CaseRow[], url);
}

function decide(c: CaseFull, d: Decision): Answer {
  if (d.version !== c.version) {
    return refuse(
      409,
      "case_changed",
      "Trường hợp vừa được thay đổi.",
      "The case was just changed.",
    );
  }
  if (c.first_by === me?.name && d.decision === "confirm") {
    return refuse(
      422,
      "same_officer",
      "Người thứ hai phải là người khác.",
      "The second must be another person.",
    );
  }
  const second = c.state === "first_confirmed";
  c.state = d.decision === "reject" ? "rejected" : second ? "confirmed" : "first_confirmed";
  if (!second && d.decision === "confirm") c.first_by = me?.name ?? null;
  c.version += 1;
  c.history.push({
    at: new Date().toISOString(),
    who: me?.name ?? "",
    action: d.decision,
    detail: d.reason,
  });
  return { json: forMe(c) };
}

function forMe(c: CaseFull): CaseFull {
  const mine = c.state === "first_confirmed" && c.first_by === me?.name;
  const waits = c.state === "flagged" || c.state === "first_confirmed";
  return {
    ...c,
    may: {
      ...c.may,
      decide: waits && !mine,
      second: c.state === "first_confirmed",
      reopen: c.state === "rejected",
      why_not_vi: mine
        ? "Anh/chị đã duyệt lần một; người thứ hai phải là người khác."
        : waits
          ? null
          : "Trường hợp này đã được quyết định.",
      why_not_en: mine
        ? "You approved it first; the second must be somebody else."
        : waits
          ? null
          : "This case has been decided.",
    },
  };
}

function summary(): ReviewSummary {
  const states: Partial<Record<CaseState, number>> = {};
  for (const c of cases) states[c.state] = (states[c.state] ?? 0) + 1;
  return {
    states,
    due_today: 3,
    overdue: 1,
    second_for_me: 4,
    my_day: { decided: 37, median_s: 6.4 },
  };
}

function counts(url: URL): Answer {
  const q = url.searchParams;
  const bin = q.get("bin") ?? "hour";
  const by = q.get("by") ?? "class";
  const step = bin === "day" ? DAY : bin === "hour" ? 3600_000 : 900_000;
  const midnight = Math.floor((NOW + 7 * 3600_000) / DAY) * DAY - 7 * 3600_000 - DAY;
  const from = q.get("from")
    ? Date.parse(q.get("from") as string)
    : midnight - (bin === "day" ? 6 * DAY : 0);
  const until = q.get("until") ? Date.parse(q.get("until") as string) : midnight + DAY;
  const n = Math.min(200, Math.round((until - from) / step));
  const bins = Array.from({ length: n }, (_, i) => new Date(from + i * step).toISOString());
  const keys: CountRow["key"][] = (
    by === "class"
      ? ["motorbike", "car", "truck", "bus", "bicycle"].map((c) => ({ class: c }))
      : by === "movement"
        ? ["bắc → nam", "bắc → đông", "nam → bắc", "đông → tây"].map((m) => ({ movement: m }))
        : ["vach-bac", "vach-nam", "vach-dong"].flatMap((l) => [{ line: l, way: "forward" }])
  ).map((k) => ({
    camera: q.get("camera"),
    line: null,
    way: null,
    movement: null,
    class: null,
    ...k,
  }));
  const share = [0.72, 0.16, 0.06, 0.03, 0.03];
  const rows = keys.map((key, r) => {
    const random = numbers(r + 3);
    return {
      key,
      cells: bins.map((iso, i) => {
        const hour = ((Date.parse(iso) + 7 * 3600_000) % DAY) / 3600_000;
        const day =
          bin === "day"
            ? 14
            : Math.exp(-((hour - 7.2) ** 2) / 4) * 2 +
              Math.exp(-((hour - 17.3) ** 2) / 5) * 2.3 +
              0.35;
        const coverage =
          i % 24 === 3 || i % 24 === 4 ? null : i % 24 === 10 ? 0.62 : i % 24 === 19 ? 0.91 : 1;
        if (coverage === null) return { count: null, coverage: 0 };
        const count = Math.round(
          (step / 3600_000) * 620 * day * (share[r] ?? 0.1) * (0.9 + random() * 0.2) * coverage,
        );
        return { count, coverage };
      }),
    };
  });
  if (q.get("format") === "csv") return { type: "text/csv", bytes: "from,count,coverage\n" };
  const peak =
    bin === "day"
      ? null
      : { from: new Date(midnight + 17 * 3600_000).toISOString(), count: 1483, factor: 0.91 };
  return { json: { bins, rows, peak } };
}

const VIOLATION_KEYS: Record<string, string[]> = {
  kind: ["red_light", "stop_line", "wrong_way", "banned_movement"],
  camera: cameras.slice(0, 9).map((c) => c.id),
  hour: Array.from({ length: 24 }, (_, h) => String(h)),
  state: ["flagged", "first_confirmed", "confirmed", "rejected", "sent"],
  unit: ["Tân Khánh", "Tân Hiệp", "Tân Uyên", "Vĩnh Tân"],
};

function violations(url: URL): Answer {
  const random = numbers(11);
  const rows = (VIOLATION_KEYS[url.searchParams.get("by") ?? "kind"] ?? []).map((key) => {
    const count = Math.round(20 + random() * 240);
    const confirmed = Math.round(count * (0.35 + random() * 0.25));
    return { key, count, confirmed, rejected: Math.round((count - confirmed) * random() * 0.6) };
  });
  return { json: { rows } };
}

const ACTIONS = [
  "case.open",
  "case.confirm",
  "case.reject",
  "case.plate",
  "plate.search",
  "evidence.export",
  "session.begin",
  "scene.publish",
];
const audit: AuditEntry[] = Array.from({ length: 130 }, (_, i) => {
  const random = numbers(i + 1);
  random();
  return {
    sequence: 4130 - i,
    at: new Date(NOW - i * 421_000).toISOString(),
    who: accounts[Math.floor(random() * 6)]?.name ?? "all",
    action: ACTIONS[Math.floor(random() * ACTIONS.length)] ?? "case.open",
    subject: cases[i % cases.length]?.id ?? "",
    detail: i % 3 === 0 ? { seconds: 6.4, reason: "plate_unreadable" } : null,
    hash: numbers(i)().toString(16).slice(2).padEnd(12, "0").repeat(6).slice(0, 64),
  };
});

async function caseRoute(method: string, parts: string[], body: unknown): Promise<Answer> {
  const c = cases.find((one) => one.id === parts[1]);
  if (!c) return refuse(404, "not_found", "Không có trường hợp này.", "There is no such case.");
  const verb = parts[2];
  if (!verb) return { json: forMe(c) };
  if (verb === "files") {
    const name = parts[3] ?? "";
    if (name === "plate.jpg") return { type: "image/svg+xml", bytes: plateCrop(c) };
    if (name !== "clip.mp4") return { type: "image/svg+xml", bytes: still(c, name) };
    const bytes = await clip();
    return bytes
      ? { type: "video/mp4", bytes }
      : refuse(404, "not_found", "Không có.", "Not there.");
  }
  if (method !== "POST") return refuse(404, "not_found", "Không có.", "Not there.");
  if (verb === "open") {
    if (c.held_by && c.held_by !== me?.name) {
      return refuse(409, "case_taken", `${c.held_by} đang xem.`, `${c.held_by} is looking.`);
    }
    return { json: { held_until: new Date(Date.now() + 120_000).toISOString() } };
  }
  if (verb === "decision") return decide(c, body as Decision);
  if (verb === "plate") {
    const { plate, reason } = body as { plate: string; reason: string };
    const text = plate.toUpperCase().replace(/[^A-Z0-9]/g, "");
    c.plate_edits.push({
      at: new Date().toISOString(),
      who: me?.name ?? "",
      from: c.plate_text,
      to: text,
      reason,
    });
    c.plate_text = text;
    c.plate = { shown: plate.toUpperCase(), verdict: "sure", edited: true };
    c.version += 1;
    return { json: forMe(c) };
  }
  return refuse(404, "not_found", "Không có.", "Not there.");
}

export async function answer(method: string, url: URL, body: unknown): Promise<Answer> {
  const path = url.pathname.replace(/^\/(api\/)?v1/, "");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  if (url.searchParams.has("mock_first_run")) firstRun = true;
  if (path === "/session") {
    if (method === "DELETE") {
      me = null;
      return { status: 204 };
    }
    if (method === "POST") {
      const { name, password } = body as { name: string; password: string };
      if (password === "wrong") {
        return refuse(
          401,
          "wrong_password",
          "Tên hoặc mật khẩu không đúng.",
          "The name or the password is wrong.",
        );
      }
      me = accounts.find((a) => a.name === name) ?? (accounts[0] as Account);
    }
    return { json: session() };
  }
  if (path === "/first-run" || path === "/session/password") {
    firstRun = false;
    me ??= accounts[0] as Account;
    return { json: session() };
  }
  if (!me) return refuse(401, "signed_out", "Hãy đăng nhập.", "Sign in first.");
  if (path === "/cases") return listCases(url);
  if (parts[0] === "cases") return caseRoute(method, parts, body);
  if (path === "/review/summary") return { json: summary() };
  if (path === "/stats/counts") return counts(url);
  if (path === "/stats/violations") return violations(url);
  if (path === "/cameras") return page(cameras, url);
  if (path === "/audit/verify") {
    return { json: { entries: 4130, whole: true, head: audit[0]?.hash ?? null, problem: null } };
  }
  if (path === "/audit") {
    const who = url.searchParams.get("who") ?? "";
    const action = url.searchParams.get("action") ?? "";
    return page(
      audit.filter((e) => e.who.includes(who) && e.action.includes(action)),
      url,
    );
  }
  if (parts[0] === "accounts") {
    if (method === "GET") return page(accounts, url);
    if (method === "POST") accounts.push({ ...person("", "", []), ...(body as Partial<Account>) });
    const one = accounts.find((a) => a.name === parts[1]);
    if (one) Object.assign(one, body);
    return { json: one ?? accounts.at(-1) };
  }
  if (path === "/events") {
    return {
      stream(send) {
        const timer = setInterval(() => send("counts", { id: null }), 30_000);
        return () => clearInterval(timer);
      },
    };
  }
  return refuse(404, "not_found", "Không có địa chỉ này.", "There is no such address.");
}
