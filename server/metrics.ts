import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export type Metrics = ReturnType<typeof openMetrics>;

/** Everything that /metrics shows, beside Node's own figures (memory, CPU, event-loop delay). */
export function openMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "dateline_" });
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: "dateline_http_request_seconds",
      help: "Time to answer an HTTP request",
      labelNames: ["method", "route", "status"],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    readers: new Gauge({
      name: "dateline_readers",
      help: "Sockets following a stream",
      labelNames: ["stream"],
      registers,
    }),
    fanOutLag: new Histogram({
      name: "dateline_fan_out_lag_seconds",
      help: "From the database's time of a change to its batch being handed to every local reader",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    batchChanges: new Histogram({
      name: "dateline_batch_changes",
      help: "Changes in a pushed batch",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200],
      registers,
    }),
    batchBytes: new Histogram({
      name: "dateline_batch_bytes",
      help: "Size of a pushed batch before compression",
      buckets: [500, 1_000, 2_000, 5_000, 20_000, 100_000, 500_000],
      registers,
    }),
    slowReaders: new Counter({
      name: "dateline_slow_readers_cut_total",
      help: "Readers cut off because they did not keep up",
      registers,
    }),
    resyncs: new Counter({
      name: "dateline_resyncs_total",
      help: "Followers told to load the page afresh",
      labelNames: ["reason"],
      registers,
    }),
    relistens: new Counter({
      name: "dateline_relistens_total",
      help: "Times the LISTEN connection had to be made anew",
      registers,
    }),
    pushBacklog: new Gauge({
      name: "dateline_push_backlog",
      help: "Versions known of but not yet pushed, by stream",
      labelNames: ["stream"],
      registers,
    }),
    notifications: new Counter({
      name: "dateline_notifications_total",
      help: "Messages of key events handed to push services, by what became of them",
      labelNames: ["outcome"],
      registers,
    }),
    poolInUse: new Gauge({
      name: "dateline_database_connections_in_use",
      help: "Pooled database connections that work on a query or a transaction",
      registers,
    }),
    poolWaiting: new Gauge({
      name: "dateline_database_waiting",
      help: "Queries and transactions that wait for a free connection",
      registers,
    }),
  };
}
