import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import type { PictureStore } from "./store.ts";

export function openFolder(folder: string): PictureStore {
  return {
    place: folder,
    async put(name, bytes) {
      const path = join(folder, name);
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(`${path}.part`, bytes);
        await rename(`${path}.part`, path);
      } catch (error) {
        await rm(`${path}.part`, { force: true }).catch(() => {});
        throw (error as NodeJS.ErrnoException).code === "ENOSPC" ? diskFull() : error;
      }
    },
    async get(name) {
      try {
        return await readFile(join(folder, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    async remove(names) {
      const files = names.flatMap((name) => [name, `${name}.part`]);
      await Promise.all(files.map((name) => rm(join(folder, name), { force: true })));
    },
  };
}

const diskFull = () => new AppError(507, "disk-full", "The server's disk is full; nothing was saved.");
