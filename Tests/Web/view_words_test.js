// Both languages say the same things, and nothing else.
import { deepStrictEqual as equal, ok } from "node:assert";
import enFirst from "../../web/words/en.js";
import enAccount from "../../web/words/en_account.js";
import enPages from "../../web/words/en_pages.js";
import ruFirst from "../../web/words/ru.js";
import ruAccount from "../../web/words/ru_account.js";
import ruPages from "../../web/words/ru_pages.js";
import { dateLocale, known, speak, t, withWords } from "../../web/words/words.js";

const en = { ...enFirst, ...enPages, ...enAccount };
const ru = { ...ruFirst, ...ruPages, ...ruAccount };

/** @param {any} phrase @returns {string[]} */
const forms = (phrase) => typeof phrase === "string" ? [phrase] : Object.values(phrase);
/** @param {string} text */
const names = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

Deno.test("words: the same keys in the same order, with the same values to fill in", () => {
  equal(Object.keys(ruFirst), Object.keys(enFirst));
  equal(Object.keys(ruPages), Object.keys(enPages));
  equal(Object.keys(ruAccount), Object.keys(enAccount));
  const all = [enFirst, enPages, enAccount].flatMap(Object.keys);
  equal(Object.keys(en).length, all.length);
  for (const [key, phrase] of Object.entries(en)) {
    const wanted = new Set(forms(phrase).flatMap(names));
    for (
      const [language, other] of Object.entries({ en: phrase, ru: /** @type {any} */ (ru)[key] })
    ) {
      equal(typeof other === "string", typeof phrase === "string", key);
      for (const form of forms(other)) {
        ok(form.trim() === form && form.length > 0, key);
        for (const name of names(form)) ok(wanted.has(name), `${key} of ${language}: {${name}}`);
      }
    }
  }
});

Deno.test("words: plural forms are those of the language", () => {
  for (const phrase of Object.values(en)) {
    if (typeof phrase !== "string") equal(Object.keys(phrase), ["one", "other"]);
  }
  for (const phrase of Object.values(ru)) {
    if (typeof phrase !== "string") equal(Object.keys(phrase), ["one", "few", "many"]);
  }
});

Deno.test("words: filled in, counted, found by a code", async () => {
  /** @type {any} */ (globalThis).document = { documentElement: {} };
  await speak("en");
  equal(await withWords(Promise.resolve(7), "account"), 7);
  equal(t("nFiles", { n: 1 }), "1 file");
  equal(t("nFiles", { n: 21 }), "21 files");
  // What is filled in is not filled again.
  equal(t("machineProblem", { machine: "{problem}", problem: "x" }), "{problem}: x");
  equal(known("error", "bad-link", ""), en.error_bad_link);
  equal(known("error", "constructor", "other"), "other");
  equal(known("error", null, "other"), "other");
  await speak("ru");
  await withWords(Promise.resolve());
  equal([1, 3, 5, 21].map((n) => t("nFiles", { n })), ["1 файл", "3 файла", "5 файлов", "21 файл"]);
  await speak("en");
  delete (/** @type {any} */ (globalThis).document);
});

Deno.test("words: dates have the browser's form where it speaks the language in use", async () => {
  const { prototype } = Intl.DateTimeFormat;
  const { resolvedOptions } = prototype;
  /** @type {any} */ (globalThis).document = { documentElement: {} };
  try {
    for (
      const [own, spoken, form] of [
        ["en-GB", "en", undefined],
        ["en", "en", undefined],
        ["de-DE", "en", "en"],
        ["en-US", "ru", "ru"],
        ["ru-RU", "ru", undefined],
      ]
    ) {
      prototype.resolvedOptions = () => /** @type {any} */ ({ locale: own });
      await speak(/** @type {string} */ (spoken));
      equal(dateLocale(), form, `${own} ${spoken}`);
    }
  } finally {
    prototype.resolvedOptions = resolvedOptions;
    await speak("en");
    delete (/** @type {any} */ (globalThis).document);
  }
});

Deno.test("words: every one that is asked for is there, and none is left over", async () => {
  const used = new Set();
  const prefixes = new Set();
  for (const folder of ["../../web/views/", "../../web/"]) {
    for (const path of await modules(new URL(folder, import.meta.url), folder.endsWith("views/"))) {
      const source = await Deno.readTextFile(path);
      for (const match of source.matchAll(/["'](\w+)["']/g)) used.add(match[1]);
      for (const match of source.matchAll(/known\(\s*["'](\w+)["']/g)) prefixes.add(match[1]);
      for (const match of source.matchAll(/t\(\s*`(\w+)_\$\{/g)) prefixes.add(match[1]);
      for (const match of source.matchAll(/\bt\(\s*["'](\w+)["']/g)) {
        ok(Object.hasOwn(en, match[1]), `${path.pathname}: ${match[1]}`);
      }
    }
  }
  for (const key of Object.keys(en)) {
    ok(used.has(key) || prefixes.has(key.split("_")[0]), `${key} is said nowhere`);
  }
});

/** @param {URL} folder @param {boolean} deep @returns {Promise<URL[]>} */
async function modules(folder, deep) {
  /** @type {URL[]} */
  const found = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory && deep) {
      found.push(...await modules(new URL(`${entry.name}/`, folder), true));
    } else if (entry.name.endsWith(".js")) found.push(new URL(entry.name, folder));
  }
  return found;
}
