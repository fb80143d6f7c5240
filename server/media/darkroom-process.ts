import { buffer } from "node:stream/consumers";
import { AppError } from "../errors.ts";
import type { Developed } from "./darkroom.ts";
import { makeSizes, type Size } from "./sizes.ts";

/** One picture comes in, its sizes go out; see darkroom.ts. */
try {
  const { width, height, sizes } = await makeSizes(await buffer(process.stdin));
  const index = sizes.map(({ type, width, bytes }) => ({ type, width, length: bytes.length }));
  print({ width, height, sizes: index }, sizes);
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const { status, code, message, extra } = error;
  print({ refused: { status, code, message, extra } });
}

function print(developed: Developed, sizes: Size[] = []): void {
  process.stdout.write(
    Buffer.concat([Buffer.from(`${JSON.stringify(developed)}\n`), ...sizes.map(({ bytes }) => bytes)]),
  );
}
