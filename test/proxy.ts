import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A TCP port that leads to Postgres's unix socket, and can be made deaf, slow or dead: what a network does. */
export class PostgresProxy {
  readonly #server: Server;
  readonly #pairs = new Set<{ client: Socket; postgres: Socket }>();
  readonly #path: string;

  /** @param url libpq URL with `?host=<directory>` */
  constructor(url: string) {
    this.#path = `${new URL(url).searchParams.get("host")}/.s.PGSQL.5432`;
    this.#server = createServer((client) => this.#join(client));
  }

  /** The same database through the proxy. */
  async open(url: string): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const proxied = new URL(url);
    proxied.searchParams.delete("host");
    proxied.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return proxied.href;
  }

  /** From now on nothing that Postgres says arrives, on the connections that are open. New ones work. */
  deafen(): void {
    for (const { postgres } of this.#pairs) postgres.pause();
  }

  /** Lets everything through again, what was held back first. */
  undeafen(): void {
    for (const { postgres } of this.#pairs) postgres.resume();
  }

  async close(): Promise<void> {
    for (const { client, postgres } of this.#pairs) {
      client.destroy();
      postgres.destroy();
    }
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const postgres = connect(this.#path);
    const pair = { client, postgres };
    this.#pairs.add(pair);
    const part = () => {
      this.#pairs.delete(pair);
      client.destroy();
      postgres.destroy();
    };
    for (const socket of [client, postgres]) socket.on("error", part).on("close", part);
    client.pipe(postgres);
    postgres.on("data", (data) => client.write(data));
  }
}
