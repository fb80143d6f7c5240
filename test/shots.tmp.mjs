import { chromium } from "playwright-core";
const base = "http://localhost:3471";
const b = await chromium
  .launch({ executablePath: "/usr/bin/chromium-headless-shell", args: ["--headless", "--no-sandbox", "--disable-gpu"] })
  .catch(() => chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--headless", "--no-sandbox"] }));
const which = process.argv.slice(2);
for (const [name, o] of Object.entries({
  desk: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  desk_dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, deviceScaleFactor: 2, colorScheme: "light" },
  phone_dark: { viewport: { width: 390, height: 844 }, isMobile: true, deviceScaleFactor: 2, colorScheme: "dark" },
})) {
  if (which.length && !which.includes(name)) continue;
  const c = await b.newContext({ baseURL: base, ...o });
  const p = await c.newPage();
  p.on("pageerror", (e) => console.log("ERR", e));
  p.on("console", (m) => m.type() === "error" && console.log("CON", m.text()));
  const r = await p.request.post("/api/auth/sign-in/email", {
    data: { email: "reader@demo.example", password: "dateline-demo" },
    headers: { Origin: base },
  });
  console.log(name, r.status());
  await p.goto("/blogs/demo/comments");
  await p.waitForSelector(".takes-part");
  await p.waitForTimeout(600);
  await p.screenshot({ path: `/tmp/shot-${name}.png` });
  const more = p.locator("#comments .thread").nth(1).locator(".comment-more").first();
  await p.locator("#comments .thread").nth(1).locator(".comment-reply").first().click();
  await p.keyboard.type("I would like to know this as well. ");
  await p.screenshot({ path: `/tmp/shot-${name}-reply.png` });
  await p.keyboard.press("Escape");
  await more.click();
  await p.screenshot({ path: `/tmp/shot-${name}-menu.png` });
  const rep = p.getByRole("menuitem", { name: "Report" });
  if (await rep.count()) {
    await rep.click();
    await p.getByLabel("Something else").check();
    await p.screenshot({ path: `/tmp/shot-${name}-report.png` });
    await p.keyboard.press("Escape");
  }
  await p.goto("/blogs/demo");
  await p.screenshot({ path: `/tmp/shot-${name}-blog.png` });
  await p.goto("/notices");
  await p.screenshot({ path: `/tmp/shot-${name}-notices.png` });
  await c.close();
}
await b.close();
