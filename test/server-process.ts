import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const start = join(import.meta.dirname, "..", "server", "start.js");

/** The real server as a process of its own, as `npm start` runs it. */
export class ServerProcess {
  readonly child: ChildProcess;
  readonly #words: string[] = [];

  /** @param settings of the environment; nothing else of ours reaches the process */
  constructor(settings: Record<string, string>) {
    const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env;
    const inherited = { PATH, HOME, NODE_COMPILE_CACHE, ...(TMPDIR ? { TMPDIR } : {}) };
    this.child = spawn(process.execPath, [start, "main.ts"], { env: { ...inherited, PORT: "0", ...settings } });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#words.push(text);
        this.child.emit("words");
      });
  }

  get output(): string {
    return this.#words.join("");
  }

  /** Waits until it can serve. @returns its address */
  async url(): Promise<string> {
    for (;;) {
      const [, url] = /running at (http:\S+)/.exec(this.output) ?? [];
      if (url) return url;
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`it ended: ${this.output}`);
      await Promise.race([once(this.child, "words"), once(this.child, "exit")]);
    }
  }

  /** Sends the signal and waits for the end. @returns the exit code, null when the signal ended it */
  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, "exit");
    this.child.kill(signal);
    const [code] = await exited;
    return code as number | null;
  }
}
