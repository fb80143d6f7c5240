import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { App } from "../server/app.ts";
import { useApp } from "./app.ts";
import { current, newsroom, pageTest, useBrowser } from "./browser.ts";

const ROOT = join(import.meta.dirname, "..");
const LANGUAGES = ["en", "de", "fr", "es", "uk", "ar"];
/** Forms that may say their number in a word, such as “two updates”. */
const SMALL = ["zero", "one", "two"];

const app = useApp();
const browser = useBrowser(app);

test("every catalogue says the same, in every form that its language has", async () => {
  const english = await catalogue("en");
  const phrases = [...new Set(Object.keys(english).map(formless))];
  for (const language of LANGUAGES) {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    const wanted = phrases.flatMap((phrase) =>
      `${phrase}_other` in english ? pluralCategories.map((form) => `${phrase}_${form}`) : [phrase],
    );
    expect(Object.keys(await catalogue(language)).sort(), language).toEqual(wanted.sort());
  }
});

test("every phrase has the same places to fill in all languages", async () => {
  const english = await catalogue("en");
  for (const language of LANGUAGES)
    for (const [name, words] of Object.entries(await catalogue(language))) {
      const wanted = places(english[`${formless(name)}_other`] ?? english[name]!);
      const isSmall = SMALL.includes(name.split("_")[1] ?? "");
      const given = isSmall && wanted.includes("count, number") ? [...places(words), "count, number"] : places(words);
      expect([...new Set(given)].sort(), `${language} ${name}`).toEqual(wanted);
      expect(words.trim(), `${language} ${name}`).not.toBe("");
    }
});

test("how long ago something was, pages say as the language does", async () => {
  const tags = [...LANGUAGES, "de-AT", "ar-EG"];
  for (const language of tags) {
    const blog = await app.blog({ language });
    const { text } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
    const [, block] = /<script type="application\/json" id="words"[^>]*>(.*?)<\/script>/.exec(text)!;
    const words = JSON.parse(block!) as Record<string, string>;
    const [library, forms, numbers] = [
      new Intl.RelativeTimeFormat(language, { style: "short" }),
      new Intl.PluralRules(language),
      new Intl.NumberFormat(language),
    ];
    for (const [unit, end] of [
      ["minute", 60],
      ["hour", 24],
      ["day", 7],
    ] as const)
      for (let count = 1; count < end; count++) {
        const said = words[`ago-${unit}_${forms.select(count)}`]!.replace("{{count, number}}", numbers.format(count));
        const wanted = library.format(-count, unit);
        expect(said, language).toBe(unit === "day" ? wanted : wanted.replace(".", ""));
      }
  }
});

test("what a button is called holds what it says, for those who speak to their screen", async () => {
  for (const language of LANGUAGES) {
    const words = await catalogue(language);
    for (const [shown, called] of [
      ["comment.answer", "comment.answer-to"],
      ["comment.more", "comment.more-about"],
      ["talk.more", "talk.more-about-yours"],
      ["post.share", "post.share-named"],
    ] as const)
      expect(words[called]!.toLocaleLowerCase(language), called).toContain(words[shown]!.toLocaleLowerCase(language));
  }
});

test("templates and scripts name no phrase that there is not, and none is there in vain", async () => {
  const phrases = [...new Set(Object.keys(await catalogue("en")).map(formless))];
  const [templates, scripts, server] = await Promise.all([
    sources("views", ".hbs"),
    sources("views/browser", ".ts"),
    sources("server", ".ts"),
  ]);
  const named = [
    ...[...templates.matchAll(/\{\{#?t "([^"]*)"/g)].map(([, name]) => name!),
    ...[...scripts.matchAll(/"((?:live|talk)\.[^"]*)"/g)].map(([, name]) => name!),
  ];
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !phrases.includes(name))).toEqual([]);
  const all = templates + scripts + server;
  // Some are put together, such as `verification.${state}`.
  const isSaid = (name: string) => all.includes(`"${name}"`) || all.includes(`\`${name.replace(/[^.]*$/, "")}\${`);
  expect(phrases.filter((name) => !isSaid(name))).toEqual([]);
});

test("a blog's page speaks the blog's language, and English where there is no catalogue of it", async () => {
  for (const [language, html, words] of [
    ["en-GB", '<html lang="en-GB">', "Key events"],
    ["de-AT", '<html lang="de-AT">', "Wichtige Ereignisse"],
    ["fr", '<html lang="fr">', "Les temps forts"],
    ["es-MX", '<html lang="es-MX">', "Momentos clave"],
    ["uk", '<html lang="uk">', "Ключові події"],
    ["ar", '<html lang="ar" dir="rtl">', "أبرز الأحداث"],
    ["ja", '<html lang="ja">', "Key events"],
    ["he", '<html lang="he" dir="rtl">', "Key events"],
  ] as const) {
    const { slug } = await app.blog({ language });
    const { text } = await app.request().get(`/blogs/${slug}`).expect(200);
    expect(text).toContain(html);
    expect(text).toContain(words);
    if (words !== "Key events")
      expect(text.replace(/<script[^]*?<\/script>/g, "")).not.toMatch(/Skip to|Join the|All live blogs/);
  }
});

test("so does the page of its discussion, and the form", async () => {
  const blog = await app.blog({ language: "de" });
  const path = `/blogs/${blog.slug}/comments`;
  for (const [address, words] of [
    [path, ["<title>Diskussion: ", "Noch hat niemand etwas gesagt.", "Kommentar schreiben", "Noch keine Kommentare"]],
    [`${path}?sort=featured`, ["Die Redaktion hat noch keinen Kommentar ausgewählt."]],
    [`${path}/new`, ['<html lang="de">', "Ihr Kommentar", "Sie brauchen ein Konto: <a"]],
  ] as const) {
    const { text } = await app.request().get(address).expect(200);
    for (const each of words) expect(text).toContain(each);
  }
  const settings = app.as(await app.person("moderator"));
  await settings.patch(`/api/blogs/${blog.slug}/comment-settings`, 1).send({ state: "closed" }).expect(200);
  expect((await app.request().get(path)).text).toContain("Diese Diskussion ist geschlossen.");
});

test("the home page speaks the language of the settings, and names each blog in its own", async () => {
  await app.blog({ title: "العاصفة", language: "ar" });
  const home = async (server: App) => (await app.request(server).get("/").expect(200)).text;
  expect(await home(app.app)).toMatch(/<html lang="en">[^]*<h2 lang="ar" dir="auto"><a [^>]*>العاصفة</);
  const german = await app.start({ language: "de" });
  expect(await home(german)).toMatch(/<html lang="de">[^]*<h1>Liveblogs<[^]*0 Beiträge, aktualisiert: <time/);
});

test("what is pushed is in the blog's language, as a reload shows it", async () => {
  const blog = await app.blog({ language: "ar", timeZone: "Asia/Amman" });
  const reader = await app.follower(blog);
  const attribution = { name: "Birgit Aune", role: "قبطان العبّارة" };
  await app.post(blog, {
    kind: "quote",
    quote: { text: "خرجنا فورًا", attribution },
    verification: "unverified",
    keyEvent: true,
    sources: [
      { name: "Reuters", public: true },
      { name: "وكالة", public: true },
    ],
  });
  while (!reader.batches.length) await new Promise((resolve) => reader.socket.once("batch", resolve));
  const page = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  const fragments = reader.batches.flatMap(({ changes }) => changes.map(({ html }) => html!));
  expect(fragments.length).toBeGreaterThan(1);
  for (const html of fragments) expect(page.text).toContain(html);
  expect(fragments.join()).toContain("غير مؤكد");
  expect(fragments.join()).toContain("المصدران:");
});

pageTest("a time and its zone stay together where one reads from right to left", async () => {
  const blog = await app.blog({ language: "ar" });
  await app.post(blog, { headline: "خبر", keyEvent: true });
  const page = await browser.open(`/blogs/${blog.slug}`);
  for (const time of await page.locator("#last-updated time, #key-events time").all()) {
    const [clock, day] = await time.evaluate((time) => {
      const [text] = time.childNodes as unknown as [Text];
      const comma = text.data.indexOf("،");
      const place = (from: number, to: number) => {
        const range = document.createRange();
        range.setStart(text, from);
        range.setEnd(text, to);
        const { left, right } = range.getBoundingClientRect();
        return { left, right };
      };
      return [place(0, comma), place(comma + 2, text.length)];
    });
    expect(day!.right).toBeLessThan(clock!.left);
  }
});

pageTest("the page's script says its numbers in the blog's language, also in one that it is changed to", async () => {
  const blog = await app.blog({ language: "uk" });
  for (let n = 0; n < 20; n++) await app.post(blog, { headline: `Допис ${n}` });
  const page = await browser.open(`/blogs/${blog.slug}`);
  await current(page, app, blog);
  await page.evaluate(() => scrollTo(0, 2_000));
  const button = page.locator("#new-updates");
  const said = page.locator("#announcements");
  await app.post(blog, { headline: "Ще один" });
  await expect.poll(() => button.textContent(), { timeout: 5_000 }).toBe("1 новий допис");
  await expect.poll(() => said.textContent(), { timeout: 5_000 }).toBe("Новий допис: Ще один.");
  await app.post(blog);
  await expect.poll(() => button.textContent(), { timeout: 5_000 }).toBe("2 нові дописи");
  for (let n = 0; n < 3; n++) await app.post(blog);
  await expect.poll(() => button.textContent(), { timeout: 5_000 }).toBe("5 нових дописів");

  await newsroom(app, blog).rename({ language: "ar" });
  await expect.poll(() => page.locator("html").getAttribute("dir"), { timeout: 10_000 }).toBe("rtl");
  await app.post(blog);
  await expect.poll(() => button.textContent(), { timeout: 5_000 }).toBe("6 تحديثات جديدة");
});

async function catalogue(language: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(ROOT, "server", "i18n", `${language}.json`), "utf8")) as Record<string, string>;
}

const formless = (name: string): string => name.replace(/_[a-z]+$/, "");

const places = (words: string): string[] => [...words.matchAll(/\{\{(.*?)\}\}/g)].map(([, place]) => place!).sort();

/** All of the files with this ending below a directory, as one text. */
async function sources(directory: string, ending: string): Promise<string> {
  const names = await readdir(join(ROOT, directory), { recursive: true });
  const files = names
    .filter((name) => name.endsWith(ending))
    .map((name) => readFile(join(ROOT, directory, name), "utf8"));
  return (await Promise.all(files)).join("\n");
}
