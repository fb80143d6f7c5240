import { expect, test } from "vitest";
import { HeadCheck } from "../server/pages/head-check.ts";

/** A database whose answers this test gives when it likes. */
function questions() {
  const asked: { answer(value: number): void; fail(error: Error): void }[] = [];
  let tell = () => {};
  const check = new HeadCheck<number>(() => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    asked.push({ answer: resolve, fail: reject });
    tell();
    return promise;
  });
  const until = async (count: number) => {
    while (asked.length < count) await new Promise<void>((done) => (tell = done));
    return asked[count - 1]!;
  };
  return { check, asked, until };
}

test("who asks while a question is under way gets the answer to a later one", async () => {
  const { check, until } = questions();
  const early = check.get("blog");
  const late = check.get("blog");
  (await until(1)).answer(1);
  expect(await early).toBe(1);
  (await until(2)).answer(2);
  expect(await late).toBe(2);
});

test("a thousand who ask at one moment cost two questions", async () => {
  const { check, asked, until } = questions();
  const all = Array.from({ length: 1_000 }, () => check.get("blog"));
  (await until(1)).answer(1);
  (await until(2)).answer(2);
  expect(new Set(await Promise.all(all))).toEqual(new Set([1, 2]));
  expect(asked).toHaveLength(2);
});

test("a question that fails fails for those who waited for it, and for nobody after", async () => {
  const { check, until } = questions();
  const first = check.get("blog");
  const second = check.get("blog");
  (await until(1)).fail(new Error("no database"));
  await expect(first).rejects.toThrow("no database");
  (await until(2)).answer(2);
  expect(await second).toBe(2);
});

test("blogs do not wait for each other", async () => {
  const { check, until } = questions();
  const one = check.get("one");
  const other = check.get("other");
  (await until(2)).answer(2);
  expect(await other).toBe(2);
  (await until(1)).answer(1);
  expect(await one).toBe(1);
});
