import { datelineTarget, following, ms, run, type Line } from "../bench.ts";

/** By how much memory may differ between the flood's first seconds and its end and be called flat. */
const FLAT = 1.1;

/** A hundred posts a second in a newsroom that has been at work; nobody may fall behind, and nothing may pile up. */
export const flood: Line = async ({ readers, port, quick }, add) => {
  const n = Math.min(5_000, Math.max(...readers));
  const target = await datelineTarget(port);
  const seconds = quick ? 5 : 20;
  // The first posts are for V8 to compile what they need, the next for the heap to take the size that such work needs.
  const plan = `rate:1000:50,rate:500:100,rate:${seconds * 100}:100`;
  // Browsers offer compression, and at a gigabyte a second without it the machine would be busy copying.
  const { memory, phases } = await run(target, { n, plan, timeout: 60, deflate: true });
  await target.stop();
  const [, begun, phase] = phases;
  const furthest = Math.max(begun!.last_ms.max, phase!.last_ms.max);
  add({
    what: `100 posts a second for ${seconds} s, ${n} readers: furthest behind`,
    dateline: ms(furthest),
    goal: "< 1 s",
    met: furthest < 1_000 && begun!.missing + phase!.missing === 0,
  });
  const stolen = (begun!.steal_s + phase!.steal_s) / (begun!.wall_s + phase!.wall_s);
  add({ what: "… taken away by the machine's host meanwhile", dateline: `${stolen.toFixed(2)} of its cores` });
  const sizes = [memory.rss_settled_mb, begun!.rss_mb, phase!.rss_mb, phase!.rss_peak_mb].map(Math.round);
  add({
    what: "… memory of the server: before, after 5 s, at the end, at most",
    dateline: `${sizes.join(" / ")} MB`,
    goal: `≤ ${FLAT} × after 5 s`,
    met: phase!.rss_peak_mb <= FLAT * begun!.rss_mb,
  });
  add({
    what: "… POST → 201: p50 / p99",
    dateline: `${ms(phase!.publish_http_ms.p50)} / ${ms(phase!.publish_http_ms.p99)}`,
  });
};

/** What the reporter waits for. */
export const posting: Line = async ({ readers, port, quick }, add) => {
  const most = Math.min(5_000, Math.max(...readers));
  const target = await datelineTarget(port);
  for (const n of [1, most]) {
    const { phases } = await run(target, { n, plan: quick ? "rate:20:5" : "rate:100:5" });
    const { p50, p99 } = phases[0]!.publish_http_ms;
    add({ what: `POST → 201, ${n} ${n === 1 ? "reader" : "readers"}: p50 / p99`, dateline: `${ms(p50)} / ${ms(p99)}` });
  }
  await target.stop();
};

/** Everybody comes back to a server that was killed, each with the version that they have seen. */
export const reconnecting: Line = async ({ readers, port }, add) => {
  const n = Math.max(...readers);
  const missed = 3;
  const target = await datelineTarget(port);
  await target.server.fill("bridge", 20);
  await run(target, { n, plan: "seq:2:100" });
  // Whoever searches has the words read that are not read yet; nobody does it later, while we count.
  await target.server.send("GET", "/api/search?q=bridge");
  await target.server.countFromNextStart();
  await target.server.kill();
  await target.server.run();
  const back = await following(target.server, "bridge", missed);
  await target.server.countQueries();
  const { connect } = await run(back, { n, plan: "idle:1", warmup: 0, settle: 0, inflight: 2_000 });
  const count = await target.server.countQueries();
  await target.stop();
  add({ what: `${n} readers back after kill -9: until all are current`, dateline: `${connect.seconds.toFixed(1)} s` });
  add({
    what: "… database queries meanwhile, the polls included",
    dateline: String(count),
    goal: "< 50",
    met: count < 50,
  });
};
