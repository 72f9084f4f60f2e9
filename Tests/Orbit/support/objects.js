// What lies in the stores of the objects on Cloudflare's runtime.
import { DatabaseSync } from "node:sqlite";

/** @param {string} folder @returns {Promise<string[]>} the files of its objects; an index of a log is made anew from it */
async function filesOf(folder) {
  const paths = [];
  for await (const { name: object, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    for await (const { name } of Deno.readDir(`${folder}/${object}`)) {
      if (/[.]sqlite(-wal)?$/.test(name)) paths.push(`${folder}/${object}/${name}`);
    }
  }
  return paths.sort();
}

/** @param {string[]} paths @returns {Promise<string>} another one whenever one of the files was written to */
async function stateOf(paths) {
  const stats = await Promise.all(paths.map((path) => Deno.stat(path)));
  return JSON.stringify(stats.map(({ size, mtime }) => [size, mtime]));
}

/**
 * The runtime holds the files of its objects open: copies of them are read, of a moment at which it wrote to none.
 * @param {string} folder
 * @param {string} copy
 */
async function copyObjects(folder, copy) {
  for (;;) {
    try {
      const paths = await filesOf(folder);
      const before = await stateOf(paths);
      for (const path of paths) await Deno.copyFile(path, copy + path.slice(path.lastIndexOf("/")));
      const [now, after] = [await filesOf(folder), await stateOf(paths)];
      if (before === after && paths.join() === now.join()) return;
    } catch (error) {
      // One was removed meanwhile.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await Deno.remove(copy, { recursive: true });
    await Deno.mkdir(copy);
  }
}

/**
 * A file's name does not tell its scope.
 * @param {string} folder
 * @returns {Promise<import("./target.js").Entry[]>}
 */
export async function dumpObjects(folder) {
  const copy = await Deno.makeTempDir({ prefix: "orbit-" });
  const entries = [];
  try {
    await copyObjects(folder, copy);
    for await (const { name } of Deno.readDir(copy)) {
      if (!name.endsWith(".sqlite")) continue;
      const database = new DatabaseSync(`${copy}/${name}`);
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      for (const { name: table } of tables) {
        const all = database.prepare(`SELECT * FROM "${table}"`);
        // The runtime's own tables hold times in nanoseconds.
        all.setReadBigInts(true);
        for (const row of all.all()) {
          const value = table === "entries"
            ? JSON.parse(String(row.value))
            : Object.values(row).map(String);
          entries.push({ scope: name, key: String(row.key ?? table), value });
        }
      }
      database.close();
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
  return entries;
}
