import { OPERATOR } from "../server/auth/actors.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { keepEmbed } from "../server/embeds/embeds.ts";
import type { TestApp } from "./app.ts";
import { newsroom } from "./browser.ts";
import { pictureWithSecret } from "./site.ts";

/** What an invented story says, in the language of its blog. */
interface Telling {
  readonly language: string;
  readonly timeZone: string;
  readonly title: string;
  readonly standfirst: string;
  readonly know: string;
  readonly headline: string;
  readonly body: string;
  readonly said: string;
  readonly who: string;
  readonly role: string;
  readonly comment: string;
  readonly answer: string;
  readonly correction: string;
  readonly caption: string;
}

export const ENGLISH: Telling = {
  language: "en-GB",
  timeZone: "Europe/London",
  title: "The ferries stay in: a storm shuts the harbour at Aldermouth",
  standfirst: "Winds of 130 km/h are expected tonight. Trains run until nine, and the school has opened its hall.",
  know: "<p>The harbour is shut until morning.</p><ul><li>Nobody is missing</li><li>The bridge is open</li></ul>",
  headline: "The bridge stays open for now",
  body: '<p>Police say that the <strong>old bridge</strong> may be <a href="https://example.org/bridge">crossed</a> until ten.</p><h3>How to get home</h3><ul><li>Bus 4</li><li>On foot</li></ul><blockquote><p>Keep away from the quay.</p></blockquote>',
  said: "We had the last boat in by four, and I have not seen the water like this since I was a boy.",
  who: "Birgit Aune",
  role: "captain of the ferry",
  comment: "My cellar in Mill Lane is under water.\nIs there anybody to call?",
  answer: "<p>The town hall answers at 1880 all night.</p>",
  correction: "An earlier version said that the bridge is closed. It is open.",
  caption: "The quay at noon, before the tide",
};

export const ARABIC: Telling = {
  language: "ar",
  timeZone: "Asia/Amman",
  title: "العبّارات تلزم الميناء: عاصفة تغلق مرفأ الدرمة",
  standfirst:
    "من المتوقع أن تبلغ سرعة الرياح 130 كم/س الليلة. القطارات تعمل حتى التاسعة، وفتحت المدرسة قاعتها للأهالي.",
  know: "<p>الميناء مغلق حتى الصباح.</p><ul><li>لا مفقودين</li><li>الجسر مفتوح</li></ul>",
  headline: "الجسر يبقى مفتوحًا في الوقت الراهن",
  body: '<p>قالت الشرطة إن <strong>الجسر القديم</strong> يمكن <a href="https://example.org/bridge">عبوره</a> حتى العاشرة، بحسب Reuters.</p><h3>كيف تصل إلى بيتك</h3><ul><li>الحافلة رقم 4</li><li>سيرًا على الأقدام</li></ul><blockquote><p>ابتعدوا عن الرصيف.</p></blockquote>',
  said: "أدخلنا آخر قارب قبل الرابعة، ولم أرَ البحر هكذا منذ كنت صبيًا.",
  who: "نادر الحلبي",
  role: "قبطان العبّارة",
  comment: "قبو بيتي في شارع الطاحونة غمرته المياه.\nهل من رقم نتصل به؟",
  answer: "<p>البلدية ترد على الرقم 1880 طوال الليل.</p>",
  correction: "ذكرت نسخة سابقة أن الجسر مغلق. الجسر مفتوح.",
  caption: "الرصيف ظهرًا قبل المد",
};

/** A blog with everything that a page can show, each in its own post. */
export async function wholeStory(app: TestApp, telling: Telling = ENGLISH): Promise<BlogAnswer> {
  const { language, timeZone, title, standfirst, headline, body, who, role } = telling;
  const blog = await app.blog({ title, standfirst, language, timeZone });
  const editor = app.as(await app.person("editor"));
  const box = `/api/blogs/${blog.slug}/what-we-know`;
  await editor.put(box).set("If-Match", '"0"').send({ title: headline, body: telling.know }).expect(200);
  const attribution = { name: who, role, source: "Radio Aldermouth", sourceUrl: "https://radio.example/" };
  await app.post(blog, { kind: "quote", quote: { text: telling.said, attribution } });
  // What somebody said in another language than the page's.
  await app.post(blog, {
    kind: "quote",
    quote: { text: "Nous sommes partis aussitôt !", attribution: { name: "Zoé Petit" } },
  });
  const { id: commentId } = await app.approvedComment(blog, telling.comment);
  await app.post(blog, {
    kind: "comment",
    commentId,
    body: telling.answer,
    authors: [{ name: who }, { name: "Ana Sol" }],
  });
  for (const verification of ["partly-verified", "verified", "disputed"])
    await app.post(blog, { headline, verification, verificationNote: standfirst });
  const sources = [
    { name: "Reuters", url: "https://reuters.example/", public: true },
    { name: who, note: role, public: true },
  ];
  await app.post(blog, { headline, body, verification: "unverified", sources });
  const pictures = [await picture(app), await picture(app)].map((id) => ({
    id,
    alt: telling.caption,
    caption: telling.caption,
    credit: who,
  }));
  const shown = await app.post(blog, { media: pictures, embeds: await embeds(app), body: "", keyEvent: true });
  const corrected = await app.post(blog, {
    headline,
    body,
    keyEvent: true,
    authors: [{ name: who }, { name: "Ana Sol" }],
  });
  await newsroom(app, blog).edit(corrected, { correction: { text: telling.correction } });
  await newsroom(app, blog).mark(shown, "key-event");
  await app.post(blog, { headline, body, pinned: true, keyEvent: true });
  return blog;
}

async function picture(app: TestApp): Promise<string> {
  const { body } = await app
    .as(await app.person("reporter"))
    .post("/api/media")
    .set("Content-Type", "image/jpeg")
    .send(await pictureWithSecret("x", 900, 600))
    .expect(201);
  return (body as { id: string }).id;
}

/** As they are kept when the providers have answered. */
async function embeds(app: TestApp): Promise<{ id: string }[]> {
  const none = { description: null, siteName: null, picture: null, author: null };
  const found = [
    ["https://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", "Waves over the pier", "player"],
    ["https://www.openstreetmap.org/#map=14/50.1/-5.2", "openstreetmap", "14/50.1/-5.2", null, "player"],
    ["https://news.example/storm", "link", null, "Storm <b>at</b> sea", "card"],
  ] as const;
  return Promise.all(
    found.map(async ([url, provider, providerId, title, kind]) => {
      const fields = {
        ...none,
        provider,
        providerId,
        title,
        kind,
        description: title && `${title}, and nobody sails tonight.`,
      };
      const { embed } = await app.app.context.db.transaction().execute((trx) => keepEmbed(trx, OPERATOR, url, fields));
      return { id: embed.id };
    }),
  );
}
