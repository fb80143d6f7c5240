import { expect, test } from "vitest";
import { DEMO_PASSWORD, makeDemo } from "../server/demo/demo.ts";
import { LiveReporter, RefusedError } from "../server/demo/live-reporter.ts";
import { reached, useApp } from "./app.ts";
import { ReaderPage } from "./reader-page.ts";
import { runToEnd } from "./command-line.ts";

const app = useApp();
const reporter = (password = DEMO_PASSWORD) =>
  new LiveReporter({ url: app.url, origin: app.url, email: "reporter@demo.example", password });

test("the simulated reporter works two shifts without being refused anything, and readers see all of it", async () => {
  await makeDemo(app.app.context);
  const blog = (await app.request().get("/api/blogs/demo").expect(200)).body;
  const page = await ReaderPage.load(app, "demo");
  const reader = await app.follower(blog);
  const live = reporter();
  const lines: string[] = [];
  for (let n = 0; n < 30; n++) lines.push(await live.step());
  await reached(reader, blog.version + 30);
  reader.batches.forEach((batch) => page.receive(batch));
  const fresh = await ReaderPage.load(app, "demo");
  expect(page.list().slice(0, fresh.list().length)).toEqual(fresh.list());
  expect(Object.fromEntries(page.parts)).toEqual(Object.fromEntries(fresh.parts));
  const deeds = new Set(lines.map((line) => line.split(/ \d+:/)[0]));
  expect(deeds).toEqual(
    new Set(
      ["published", "published, unverified,", "quoted", "verified", "corrected", "added to", "took down"].concat([
        "made a key event of",
        "pinned",
        "unpinned",
      ]),
    ),
  );
});

test("a reporter who cannot sign in, or whose story has ended, is told so and stops", async () => {
  await makeDemo(app.app.context);
  await expect(reporter("not the password").step()).rejects.toThrow(RefusedError);
  const editor = app.as(await app.person("editor"));
  await editor.put("/api/blogs/demo/closure").expect(200);
  await expect(reporter().step()).rejects.toThrow("closed");
  await editor.delete("/api/blogs/demo/closure").expect(200);
});

test("npm run demo says in a sentence why it does nothing", async () => {
  const own = await runToEnd("commands/demo.ts", { DATABASE_URL: app.databaseUrl, AUTH_SECRET: "x".repeat(32) });
  expect([own.code, own.stderr.trim().split("\n").length]).toEqual([1, 1]);
  expect(own.stderr).toContain("unset DATABASE_URL");
  const nobody = await runToEnd("commands/demo.ts", { PORT: "1" }, ["--live"]);
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("No Dateline answers at")]);
  const often = await runToEnd("commands/demo.ts", {}, ["--live", "--every", "never"]);
  expect([often.code, often.stderr]).toEqual([1, expect.stringContaining("not a number of seconds")]);
});
