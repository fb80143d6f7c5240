import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/**
 * Runs "$@" and ends it when standard input ends. The kernel closes that pipe when the server ends, by kill -9 too, so
 * nothing that was started this way is ever left behind. The signal is repeated, since one that comes before the
 * program has set up its handlers is lost (a shell starts what it puts in the background deaf to SIGINT), and after a
 * minute it becomes SIGQUIT. The keeper itself ignores the signals that are meant for the server.
 */
const KEEPER = `
PATH=$PATH:/usr/bin:/bin
trap '' TERM HUP INT
exec 3<&0
"$@" </dev/null 3<&- &
pid=$!
(
  read -r never <&3
  n=0
  while kill -INT "$pid"; do
    sleep 0.3
    n=$((n + 1))
    [ "$n" -lt 200 ] || kill -QUIT "$pid"
  done
) 2>/dev/null &
guard=$!
wait "$pid"
code=$?
kill -KILL "$guard" 2>/dev/null
exit "$code"`;

/** Characters of a program's last words that are kept. */
const WORDS = 4_000;

/** Which account a program runs as: by a command in front of it, or by changing to a uid. */
export interface RunAs {
  readonly prefix: string[];
  readonly uid: number | null;
}

/** A program that does not outlive this process. */
export interface Kept {
  /** Resolves with the exit code when it has ended; never rejects. */
  readonly ended: Promise<number>;
  isRunning(): boolean;
  /** The end of what it wrote to standard error. */
  words(): string;
  /** Ends it, gently: SIGINT, which is Postgres's fast shutdown. */
  end(): void;
}

/** Starts a program in a session of its own, so that Ctrl-C in a terminal reaches the server and not the program. */
export function keep(command: string[], user: RunAs, env: NodeJS.ProcessEnv): Kept {
  const child = spawn("/bin/sh", ["-c", KEEPER, "keeper", ...user.prefix, ...command], {
    stdio: ["pipe", "ignore", "pipe"],
    cwd: "/",
    env,
    detached: true,
    ...(user.uid === null ? {} : { uid: user.uid, gid: user.uid }),
  });
  let words = "";
  let running = true;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-WORDS)));
  child.stdin.on("error", () => {});
  // Should only the keeper have been killed, this tells the guard that it left behind.
  child.once("exit", () => child.stdin.destroy());
  const ended = closed(child).then((code) => {
    running = false;
    return code;
  });
  return { ended, isRunning: () => running, words: () => words, end: () => child.stdin.end() };
}

async function closed(child: ChildProcess): Promise<number> {
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return code ?? 1;
  } catch {
    return 1; // It could not be started at all.
  }
}
