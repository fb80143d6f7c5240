import { setTimeout as pause } from "node:timers/promises";
import { datelineTarget, ms, peerTargets, percentile, run, type Line, type Target } from "../bench.ts";
import type { Phase } from "../load.ts";

/** CPU per delivery against the peers: single posts, and bursts of ten a second. */
const GOALS: Record<string, [single: number, burst: number]> = {
  "Socket.IO": [0.6, 0.45],
  "nginx + nchan": [1.1, 0.9],
};

/** From the reporter's POST to the last reader's receipt, and what that costs the server. */
export const singlePosts: Line = async ({ readers, port, quick }, add) => {
  const plan = quick ? "seq:5:200,rate:20:10" : "seq:20:200,rate:50:10";
  const ours = new Map<number, Phase[]>();
  const measure = async (target: Target, each: (n: number, phases: Phase[]) => void) => {
    for (const n of readers) each(n, (await run(target, { n, plan })).phases);
    await target.stop();
  };
  await measure(await datelineTarget(port), (n, phases) => {
    ours.set(n, phases);
    phases.forEach((phase) => add({ what: `${kindOf(phase)} → last of ${n}: p50 / p99`, dateline: lastOf(phase) }));
    phases.forEach((phase) => add({ what: `… CPU per delivery, ${n} readers`, dateline: micro(costOf(phase)) }));
  });
  for await (const peer of peerTargets(port)) {
    await measure(peer, (n, phases) => {
      for (const [index, phase] of phases.entries()) {
        const mine = ours.get(n)![index]!;
        const ratio = costOf(mine) / costOf(phase);
        const most = GOALS[peer.name]![index]!;
        const who = `${peer.name}: `;
        add({ what: `${kindOf(phase)} → last of ${n}: p50 / p99`, dateline: lastOf(mine), peer: who + lastOf(phase) });
        add({
          what: `… CPU per delivery, ${n} readers`,
          dateline: micro(costOf(mine)),
          peer: who + micro(costOf(phase)),
          ratio,
          ...(n >= 10_000 ? { goal: `≤ ${most} ×`, met: ratio <= most } : {}),
        });
      }
    });
  }
};

const kindOf = ({ kind }: Phase): string => (kind === "seq" ? "one post" : "10 posts a second");
const lastOf = ({ last_all_ms }: Phase): string =>
  `${ms(percentile(last_all_ms, 0.5))} / ${ms(percentile(last_all_ms, 0.99))}`;
/** Seconds per million are microseconds for one. */
const costOf = ({ server_cpu_s_per_1m }: Phase): number => server_cpu_s_per_1m;
const micro = (cost: number): string => `${cost.toFixed(1)} µs`;
const bytesOf = ({ bytes_in, delivered }: Phase): number => bytes_in / delivered;

/** Resident memory, against the same server before anybody came. */
export const memory: Line = async ({ readers, port, quick }, add) => {
  const n = Math.max(...readers);
  const settle = quick ? 5 : 15;
  const kilobytes = async (target: Target) => {
    // What its start left to be collected must not be taken for room that readers found.
    await pause(settle * 1_000);
    const { memory } = await run(target, { n, plan: "idle:1", warmup: 0, settle });
    await target.stop();
    return memory.rss_per_conn_kb;
  };
  const ours = await kilobytes(await datelineTarget(port));
  const shown = `${ours.toFixed(1)} KB`;
  add({ what: `memory per reader, ${n} readers`, dateline: shown, goal: "≤ 10 KB", met: ours <= 10 });
  for await (const peer of peerTargets(port)) {
    const theirs = await kilobytes(peer);
    add({
      what: `memory per reader, ${n} readers`,
      dateline: shown,
      peer: `${peer.name}: ${theirs.toFixed(1)} KB`,
      ratio: ours / theirs,
    });
  }
};

/** One compressed frame for all who negotiated it, against the same without. */
export const compression: Line = async ({ readers, port, quick }, add) => {
  const n = Math.max(...readers);
  const target = await datelineTarget(port);
  const plan = quick ? "seq:5:200" : "seq:15:200,seq:15:200,seq:15:200";
  const phases: Record<"plain" | "deflated", Phase[]> = { plain: [], deflated: [] };
  // In turns, since the machine may have other work at times.
  for (let turn = 0; turn < (quick ? 1 : 3); turn++) {
    phases.plain.push(...(await run(target, { n, plan })).phases);
    phases.deflated.push(...(await run(target, { n, plan, deflate: true })).phases);
  }
  await target.stop();
  const mean = (kind: keyof typeof phases, figure: (phase: Phase) => number) =>
    phases[kind].reduce((sum, phase) => sum + figure(phase), 0) / phases[kind].length;
  const [plainBytes, bytes] = [mean("plain", bytesOf), mean("deflated", bytesOf)];
  add({
    what: "bytes per delivery, compressed against not",
    dateline: `${Math.round(bytes)} B`,
    peer: `uncompressed: ${Math.round(plainBytes)} B`,
    ratio: bytes / plainBytes,
    goal: "≤ 0.35 ×",
    met: bytes <= 0.35 * plainBytes,
  });
  // What a host takes away is counted as ours, so the least disturbed of each kind are compared.
  const [plainCost, cost] = [Math.min(...phases.plain.map(costOf)), Math.min(...phases.deflated.map(costOf))];
  add({
    what: "… CPU per delivery",
    dateline: micro(cost),
    peer: `uncompressed: ${micro(plainCost)}`,
    ratio: cost / plainCost,
    goal: "≤ 1.1 ×",
    met: cost <= 1.1 * plainCost,
  });
};
