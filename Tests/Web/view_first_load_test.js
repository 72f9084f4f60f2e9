// What the first load costs, and that the page asks for all of it at once.
import { deepStrictEqual as equal, ok } from "node:assert";
import words from "../../web/words/en.js";

const web = new URL("../../web/", import.meta.url);

/** @param {string} path */
const read = (path) => Deno.readTextFile(new URL(path, web));

/** Every file of the client, by its path. */
async function files(folder = "") {
  /** @type {string[]} */
  const found = [];
  for await (const entry of Deno.readDir(new URL(folder, web))) {
    const path = folder + entry.name;
    if (entry.isDirectory) found.push(...await files(path + "/"));
    else if (!path.endsWith(".d.ts")) found.push(path);
  }
  return found.sort();
}

/** The modules that are loaded because `path` is: static imports only. @param {string} path */
async function graph(path, found = new Set([path])) {
  const source = await read(path);
  for (
    const match of source.matchAll(
      /^(?:import|export)\s[^"']*?from\s*["']([^"']+)["'];|^import\s*["']([^"']+)["'];/gms,
    )
  ) {
    const next = new URL(match[1] ?? match[2], new URL(path, web)).href.slice(web.href.length);
    if (!found.has(next)) {
      found.add(next);
      await graph(next, found);
    }
  }
  return found;
}

/** A source without its comments. @param {string} source */
const code = (source) => source.replace(/\/\*[^]*?\*\//g, "");

/** @param {string} path */
async function size(path) {
  const body = new Blob([await Deno.readFile(new URL(path, web))]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return (await new Response(body).arrayBuffer()).byteLength;
}

/** @param {string[]} paths */
async function sizes(paths) {
  let sum = 0;
  for (const path of paths) sum += await size(path);
  return sum;
}

const page = await read("index.html");
const named = [...page.matchAll(/href="\{\{base\}\}\/([^"]+\.(?:js|css))"/g)].map((match) =>
  match[1]
);
const modules = [...await graph("app.js")].sort();

Deno.test("first load: every module of it is named by modulepreload, and nothing else", () => {
  const preloaded = [...page.matchAll(/<link rel="modulepreload" href="\{\{base\}\}\/([^"]+)"/g)]
    .map((match) => match[1]);
  equal(preloaded.sort(), modules);
});

/** Requests and compressed bytes until the list can be used; bytes of all files. */
const BOUNDS = { requests: 39, first: 60_000, all: 232_000 };

Deno.test("first load: it stays within its bounds", async () => {
  const first = ["index.html", ...new Set(named)];
  const bytes = await sizes(first);
  const all = await sizes(await files());
  console.log(
    `first load: ${first.length} requests, ${modules.length} modules, ${bytes} bytes; all: ${all} bytes`,
  );
  ok(first.length <= BOUNDS.requests, `${first.length} requests`);
  ok(bytes <= BOUNDS.first, `${bytes} bytes`);
  ok(all <= BOUNDS.all, `${all} bytes`);
});

Deno.test("first load: styles come first, and the page has its first words without a script", () => {
  ok(page.indexOf('rel="stylesheet"') < page.indexOf("<script"));
  ok(/<h1>\w+<\/h1>/.test(page));
  // The policy of the relay allows neither.
  ok(!/<style|style="|<script(?![^>]*src=)|\son\w+="/.test(page));
  for (const match of page.matchAll(/(?:href|src)="([^"]*)"/g)) {
    ok(match[1].startsWith("{{base}}/") || match[1] === "/manifest.webmanifest", match[1]);
  }
});

Deno.test("first load: it has the words for what it says", async () => {
  for (const path of modules) {
    for (const match of (await read(path)).matchAll(/\bt\(\s*["'](\w+)["']/g)) {
      ok(Object.hasOwn(words, match[1]), `${path} says ${match[1]}`);
    }
  }
});

Deno.test("every file that is named exists, and every module is reached", async () => {
  const all = new Set(await files());
  for (const match of page.matchAll(/\{\{base\}\}\/([^"]+)"/g)) ok(all.has(match[1]), match[1]);
  const reached = new Set(modules);
  const styles = new Set(named);
  for (;;) {
    const before = reached.size;
    for (const path of [...reached]) {
      const source = await read(path);
      for (const match of code(source).matchAll(/import\("([^"]+)"\)/g)) {
        const next = new URL(match[1], new URL(path, web)).href.slice(web.href.length);
        ok(all.has(next), `${path} imports ${next}`);
        for (const each of await graph(next)) reached.add(each);
      }
      for (const match of source.matchAll(/loadStyle\("([^"]+)"\)/g)) {
        styles.add(`styles/${match[1]}`);
      }
    }
    if (reached.size === before) break;
  }
  for (const path of all) {
    if (path.endsWith(".js") && path !== "sw.js") {
      ok(reached.has(path), `${path} is loaded by nothing`);
    }
    if (path.endsWith(".css")) ok(styles.has(path), `${path} is loaded by nothing`);
  }
});

Deno.test("nothing makes markup or code from a string, and nothing is fetched from elsewhere", async () => {
  const sinks =
    /\b(?:innerHTML|outerHTML|insertAdjacentHTML|srcdoc|createContextualFragment|DOMParser|setHTMLUnsafe)\b|document\.write|\beval\(|new Function\b|setTimeout\(\s*["'`]|\.setAttribute\(\s*["']on/;
  for (const path of await files()) {
    if (!path.endsWith(".js")) continue;
    const source = await read(path);
    ok(!sinks.test(source), `${path}: ${sinks.exec(source)?.[0]}`);
    for (const match of source.matchAll(/["'](https?:)?\/\/[\w.-]+/g)) {
      ok(match[0].includes("www.w3.org"), `${path} names ${match[0]}`);
    }
  }
  for (const path of await files()) {
    if (path.endsWith(".css")) ok(!/@import|url\(/.test(await read(path)), path);
  }
});
