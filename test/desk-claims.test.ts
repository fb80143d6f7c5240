import { expect, test } from "vitest";
import { useApp } from "./app.ts";

const app = useApp();
const claimsOf = async (blog: { slug: string }) =>
  (
    await app
      .as(await app.person("contributor"))
      .get(`/api/blogs/${blog.slug}/claims`)
      .expect(200)
  ).body.claims;

test("published posts that nobody confirmed are listed, those that wait longest first, until they are resolved", async () => {
  const blog = await app.blog();
  const desk = await app.deskFollower(blog, await app.person("reporter"));
  const reporter = app.as(await app.person("reporter"));
  const at = (id: string) => `/api/blogs/${blog.slug}/posts/${id}`;
  const plain = await app.post(blog, { headline: "Not a claim" });
  const first = await app.post(blog, {
    headline: "A bridge is down",
    body: "<p>At the quay</p>",
    verification: "unverified",
  });
  const second = await app.post(blog, { body: "<p>Two are missing</p>", verification: "disputed" });
  await reporter
    .post(`/api/blogs/${blog.slug}/posts`)
    .send({ headline: "Not out yet", verification: "unverified", status: "draft" })
    .expect(201);

  const claims = await claimsOf(blog);
  expect(claims).toEqual([
    {
      id: first.id,
      headline: "A bridge is down",
      summary: "At the quay",
      verification: "unverified",
      verificationNote: null,
      since: first.publishedAt,
      publishedAt: first.publishedAt,
      version: 1,
    },
    expect.objectContaining({ id: second.id, headline: null, summary: "Two are missing", verification: "disputed" }),
  ]);
  const shown = await desk.part("desk-claims", (html) => html.includes("Two are missing"));
  expect(shown.indexOf("A bridge is down")).toBeLessThan(shown.indexOf("Two are missing"));
  expect(shown).not.toContain("Not out yet");

  // What is partly known is open still, and as old as it was.
  await reporter
    .patch(at(first.id), 1)
    .send({ verification: "partly-verified", verificationNote: "A photo" })
    .expect(200);
  expect((await claimsOf(blog))[0]).toMatchObject({
    verificationNote: "A photo",
    since: first.publishedAt,
    version: 2,
  });
  await desk.part("desk-claims", (html) => html.includes("Partly verified"));
  await reporter.patch(at(first.id), 2).send({ verification: "verified" }).expect(200);
  await reporter.delete(at(second.id), 1).send({ reason: "It was wrong" }).expect(200);
  await desk.part("desk-claims", (html) => !html.includes("post-"));
  expect(await claimsOf(blog)).toEqual([]);

  // A claim that opens later is as old as its marking.
  const { body: marked } = await reporter.patch(at(plain.id), 1).send({ verification: "disputed" }).expect(200);
  expect((await claimsOf(blog))[0].since).toBe(marked.updatedAt);
});

test("readers and colleagues without a role are not told which claims are open", async () => {
  const blog = await app.blog();
  await app.request().get(`/api/blogs/${blog.slug}/claims`).expect(401);
  await app
    .as(await app.person("reader"))
    .get(`/api/blogs/${blog.slug}/claims`)
    .expect(403);
});
