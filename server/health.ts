import { BlockList, isIPv6 } from "node:net";
import { Router } from "express";
import type { Context } from "./context.ts";
import { notFound } from "./errors.ts";

export interface Readiness {
  /** Why the server cannot serve at the moment; null when it can. */
  reason(): string | null;
}

/** What an operator's machinery asks: is the process up, can it serve, how is it doing. */
export function healthRoutes({ config, metrics, pool }: Context, readiness: Readiness): Router {
  const router = Router();
  const allowed = addresses(config.metricsAllow);

  router.get("/healthz", (_request, response) => {
    response.set("Cache-Control", "no-store").json({ status: "up" });
  });

  router.get("/readyz", (_request, response) => {
    const reason = readiness.reason();
    response
      .set("Cache-Control", "no-store")
      .status(reason ? 503 : 200)
      .json(reason ? { status: "not ready", reason } : { status: "ready" });
  });

  router.get("/metrics", async (request, response) => {
    const address = (request.ip ?? "").replace(/^::ffff:/, "");
    if (!allowed.check(address, isIPv6(address) ? "ipv6" : "ipv4")) throw notFound("page");
    metrics.poolInUse.set(pool.inUse);
    metrics.poolWaiting.set(pool.waiting);
    response
      .set("Cache-Control", "no-store")
      .type(metrics.registry.contentType)
      .send(await metrics.registry.metrics());
  });

  return router;
}

function addresses(entries: string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address, bits] = entry.split("/") as [string, string | undefined];
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
