import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "@20minutes/s3rver";

const BUCKET = "live-pictures";

/** A real S3 server with one bucket, which can go away and come back, or break off in the middle of an upload. */
export class BucketServer {
  readonly settings;
  /** Uploads that still succeed; those after them are cut off. */
  putsLeft = Infinity;
  readonly #directory: string;
  readonly #server: Server;
  readonly #port: number;

  private constructor(directory: string, server: Server) {
    this.#directory = directory;
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    this.settings = {
      bucket: BUCKET,
      endpoint: `http://127.0.0.1:${this.#port}`,
      region: "us-east-1",
      // The keys that s3rver knows.
      keys: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
      pathStyle: true,
    };
  }

  static async start(): Promise<BucketServer> {
    const directory = await mkdtemp(join(tmpdir(), "dateline-bucket-"));
    const s3 = new S3rver({
      directory,
      silent: true,
      vhostBuckets: false,
      configureBuckets: [{ name: BUCKET, configs: [] }],
    });
    await s3.configureBuckets();
    const answer = s3.callback();
    const server = createServer((request, response) => {
      if (request.method === "PUT" && started.putsLeft-- <= 0) request.destroy();
      else answer(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const started = new BucketServer(directory, server);
    return started;
  }

  /** The names of what is in the bucket, in order. */
  async names(): Promise<string[]> {
    const files = await readdir(join(this.#directory, BUCKET));
    return files.flatMap((file) => /^(.*)\._S3rver_object$/.exec(file)?.[1] ?? []).sort();
  }

  async goAway(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async comeBack(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async end(): Promise<void> {
    await this.goAway();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
