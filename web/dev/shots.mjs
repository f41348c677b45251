// Pictures of every screen against the made-up server, in both languages: `npm run shots` writes
// them to web/shots. They are there to be looked at, by whoever changes a screen.
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { createServer } from "vite";

const only = process.argv.slice(2);
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const server = await createServer({ logLevel: "error", server: { port: 5199 } });
await server.listen();
const base = server.resolvedUrls.local[0].replace(/\/$/, "");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
await mkdir("shots", { recursive: true });

async function shoot(page, name) {
  await page.waitForTimeout(500);
  await page.screenshot({ path: `shots/${name}.png` });
  console.log(`shots/${name}.png`);
}

const wanted = (name) => only.length === 0 || only.some((part) => name.includes(part));

for (const [language, theme, viewport] of [
  ["vi", "light", { width: 1366, height: 768 }],
  ["en", "dark", { width: 1366, height: 768 }],
  ["vi", "light", { width: 1024, height: 768 }],
]) {
  const look = viewport.width === 1366 ? `${language}-${theme}` : `${language}-tablet`;
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(look, error.message));
  page.on("console", (m) => m.type() === "error" && console.error(look, m.text()));
  await page.addInitScript(
    ([l, th]) => {
      localStorage.setItem("giaolo.language", l);
      localStorage.setItem("giaolo.theme", th);
    },
    [language, theme],
  );
  const open = async (path, name, prepare = async () => {}) => {
    const full = `${look}-${name}`;
    if (!wanted(full)) return;
    await page.goto(base + path);
    await page.waitForLoadState("load");
    await page.waitForTimeout(900);
    await prepare();
    await shoot(page, full);
  };
  const signedIn = (yes) =>
    page.evaluate(
      (wantIn) =>
        fetch("/api/v1/session", {
          method: wantIn ? "POST" : "DELETE",
          headers: { "content-type": "application/json" },
          ...(wantIn ? { body: JSON.stringify({ name: "all", password: "any" }) } : {}),
        }).then(() => undefined),
      yes,
    );

  await page.goto(base);
  await signedIn(false);
  await open("/", "sign-in");
  await page.evaluate(() => fetch("/api/v1/session?mock_first_run"));
  await open("/", "first-run");
  await page.evaluate(() => fetch("/api/v1/first-run", { method: "POST", body: "{}" }));
  await signedIn(true);
  await open("/review", "queue");
  const row = (n) => page.locator(".case-row a").nth(n).click();
  await open("/review", "case", () => row(0));
  await open("/review", "case-doubtful", async () => {
    await row(1);
    await page.waitForTimeout(900);
    for (const key of ["v", "t", "]", "n"]) await page.keyboard.press(key);
  });
  await open("/review", "plate", async () => {
    await row(1);
    await page.waitForTimeout(500);
    await page.keyboard.press("p");
  });
  await open("/review", "undo", async () => {
    await row(0);
    await page.waitForTimeout(900);
    await page.keyboard.press("7");
    await page.waitForTimeout(600);
  });
  await page.keyboard.press("u");
  await open("/review?state=first_confirmed", "second", () => row(0));
  await open("/review", "keys", async () => {
    await row(0);
    await page.waitForTimeout(500);
    await page.keyboard.press("?");
  });
  await open("/stats", "counts", () => page.waitForTimeout(1200));
  await open("/stats/violations", "violations", () => page.waitForTimeout(1200));
  await open("/cameras", "cameras");
  await open("/cameras?view=map", "map");
  await open("/audit", "audit", async () => {
    await page.locator(".page-head .button").first().click();
  });
  await open("/accounts", "accounts");
  await open("/accounts", "account", () => page.locator("tbody button").nth(1).click());
  await open("/password", "password");
  await context.close();
}
await browser.close();
// A change stream may still be open; the server need not wait for it.
process.exit(0);
