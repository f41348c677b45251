// Made-up pictures: a junction seen from a camera behind the stop line, drawn as SVG, and a clip of
// the same made by ffmpeg where it is installed.
import { spawn } from "node:child_process";
import type { CaseFull } from "../../src/api/types";
import { numbers, SIZE } from "./town.ts";

const [W, H] = SIZE;

function vehicle(
  x: number,
  y: number,
  scale: number,
  cls: string,
  colour: string,
  plate: string,
): string {
  const g = (inner: string) => `<g transform="translate(${x} ${y}) scale(${scale})">${inner}</g>`;
  const label = `<rect x="-34" y="-74" width="68" height="34" rx="3" fill="#f7f7f2" stroke="#222"/><text x="0" y="-50" font-family="monospace" font-size="17" font-weight="700" text-anchor="middle" fill="#111">${plate}</text>`;
  if (cls === "motorbike") {
    return g(
      `<ellipse cx="0" cy="0" rx="46" ry="9" fill="#000" opacity=".35"/><rect x="-11" y="-78" width="22" height="76" rx="10" fill="#15171b"/><path d="M-36 -128q36 -22 72 0l-8 62h-56z" fill="${colour}"/><path d="M-40 -196q40 -26 80 0l6 78q-46 20 -92 0z" fill="#39506e"/><circle cx="0" cy="-224" r="30" fill="#c8ccd4"/><path d="M-30 -224a30 30 0 0 1 60 0z" fill="#8e1f1f"/><rect x="-26" y="-114" width="52" height="10" rx="4" fill="#ff5a4a"/>${label}`,
    );
  }
  const tall = cls === "truck" ? 330 : 230;
  return g(
    `<ellipse cx="0" cy="0" rx="170" ry="18" fill="#000" opacity=".35"/><rect x="-150" y="-${tall}" width="300" height="${tall - 20}" rx="34" fill="${colour}"/><path d="M-116 -${tall - 20}h232l22 92h-276z" fill="#232c38"/><rect x="-150" y="-128" width="56" height="30" rx="6" fill="#ff5a4a"/><rect x="94" y="-128" width="56" height="30" rx="6" fill="#ff5a4a"/><rect x="-140" y="-44" width="280" height="30" rx="8" fill="#2a2d33"/><rect x="-132" y="-22" width="46" height="24" fill="#111"/><rect x="86" y="-22" width="46" height="24" fill="#111"/>${label}`,
  );
}

function lamp(state: string): string {
  const on = (s: string, c: string) => (s === state ? c : "#2a2622");
  return `<g transform="translate(1290 96)"><rect x="-3" y="0" width="10" height="300" fill="#5d646e"/><rect x="-26" y="-70" width="56" height="150" rx="10" fill="#15181c"/><circle cx="2" cy="-42" r="17" fill="${on("red", "#ff3b2f")}"/><circle cx="2" cy="4" r="17" fill="${on("amber", "#ffb524")}"/><circle cx="2" cy="50" r="17" fill="${on("green", "#27d36f")}"/></g>`;
}

export function still(c: CaseFull, name: string): string {
  const random = numbers([...c.id].reduce((n, ch) => n * 31 + ch.charCodeAt(0), 7));
  const t = name.startsWith("before") ? 1.6 : name.startsWith("after") ? 4.4 : 3;
  const boxes = { 1.6: c.violation.box_before, 3: c.violation.box_act, 4.4: c.violation.box_after };
  const b = boxes[t as 3];
  const plate = (c.plate_text ?? "").slice(-6);
  const night = random() > 0.72;
  const colours = ["#b93a32", "#e5e7ea", "#3e5f8a", "#49525e", "#c9a227"];
  const others = Array.from({ length: 5 }, () => {
    const y = 380 + random() * 460;
    const side = random() > 0.5 ? 1 : -1;
    return vehicle(
      800 + side * (260 + random() * 180) * ((y - 250) / 520),
      y,
      (y - 230) / 760,
      random() > 0.45 ? "motorbike" : "car",
      colours[Math.floor(random() * 5)] as string,
      "",
    );
  }).join("");
  const span = c.signal.find((s) => s.from_s <= t && t < s.to_s)?.state ?? "green";
  const scale = (b[3] - b[1]) / (c.class === "motorbike" ? 260 : 260);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${W} ${H}" width="${W}" height="${H}"><defs><linearGradient id="s" x1="0" x2="0" y1="0" y2="1"><stop offset="0" stop-color="${night ? "#10182b" : "#b9cbdc"}"/><stop offset="1" stop-color="${night ? "#25304a" : "#e8edf0"}"/></linearGradient><filter id="n"><feTurbulence baseFrequency=".9" numOctaves="2" seed="3"/><feColorMatrix values="0 0 0 0 .5 0 0 0 0 .5 0 0 0 0 .5 0 0 0 .14 0"/></filter></defs><rect width="${W}" height="${H}" fill="url(#s)"/><path d="M0 330V190h170v-60h180v90h150v-50h120v90h200v-120h210v90h160v-60h240v60h170v130z" fill="${night ? "#1a2236" : "#98a5ae"}"/><path d="M0 320q110 -60 220 0t220 -6v30H0zM1180 318q110 -70 230 -4t190 0v30h-420z" fill="${night ? "#15251e" : "#5f7f5a"}"/><rect y="330" width="${W}" height="${H - 330}" fill="${night ? "#2a2d33" : "#6d7176"}"/><path d="M0 ${H}L610 330H990L${W} ${H}z" fill="${night ? "#33363d" : "#5b5f65"}"/><path d="M0 430H${W}V520H0z" fill="${night ? "#30343a" : "#62666c"}"/><path d="M655 640h${W - 1310}" stroke="none"/><path d="M230 640H1370l18 20H212z" fill="#eceae2"/>${Array.from({ length: 14 }, (_, i) => `<path d="M${330 + i * 70} 560h34l-4 50h-40z" fill="#dcdad2" opacity=".8"/>`).join("")}<path d="M695 ${H}L748 700M905 ${H}L852 700" stroke="#eceae2" stroke-width="10" stroke-dasharray="70 50"/><path d="M800 330V420" stroke="#d9b53a" stroke-width="6"/>${lamp(span)}${others}${vehicle((b[0] + b[2]) / 2, b[3], scale, c.class, c.class === "motorbike" ? "#8e2a24" : "#d9dde2", plate)}<rect width="${W}" height="${H}" filter="url(#n)"/><rect width="${W}" height="46" fill="#000" opacity=".55"/><text x="20" y="32" font-family="monospace" font-size="24" fill="#fff">${c.camera}  ${c.place}  ${c.act_at.slice(0, 19).replace("T", " ")}</text></svg>`;
}

export function plateCrop(c: CaseFull): string {
  const [top, bottom] = (c.plate_reading?.printed ?? "").split(c.class === "motorbike" ? " " : "-");
  const ground = c.plate_reading?.colour === "yellow" ? "#f5c93a" : "#e9e8e0";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 260 180" width="260" height="180"><defs><filter id="b"><feGaussianBlur stdDeviation="1.6"/></filter></defs><rect width="260" height="180" fill="#2b2f36"/><g filter="url(#b)" transform="rotate(-3 130 90) skewX(-4)"><rect x="34" y="22" width="204" height="134" rx="9" fill="${ground}" stroke="#17191d" stroke-width="4"/><text x="136" y="78" font-family="DejaVu Sans Condensed, Arial" font-size="48" font-weight="700" text-anchor="middle" fill="#1b1d21">${top ?? ""}</text><text x="136" y="138" font-family="DejaVu Sans Condensed, Arial" font-size="54" font-weight="700" text-anchor="middle" fill="#1b1d21">${bottom ?? ""}</text></g></svg>`;
}

let clipBytes: Promise<Buffer | null> | null = null;

/** Six seconds of a box that drives away under a lamp; null where ffmpeg is not installed. */
export function clip(): Promise<Buffer | null> {
  clipBytes ??= new Promise((resolve) => {
    const filter =
      "color=c=0x5b5f65:s=800x450:r=10:d=6,drawbox=y=0:h=160:c=0x98a5ae:t=fill,drawbox=y=320:h=10:x=110:w=580:c=white:t=fill,drawbox=x=400-40:y=380-40*t:w=70:h=90:c=0x8e2a24:t=fill,drawbox=x=630:y=20:w=30:h=30:c=red:t=fill:enable='gt(t,1)'";
    const child = spawn("ffmpeg", [
      ...[
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        filter,
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "10",
      ],
      ...["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"],
    ]);
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    child.on("error", () => resolve(null));
    child.on("close", (code) => resolve(code === 0 ? Buffer.concat(parts) : null));
  });
  return clipBytes;
}
