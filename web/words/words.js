// The words of the page. Those of the first page in English come with it; the others when a page needs them, another
// language when it is chosen.
import en from "./en.js";

/**
 * @typedef {keyof typeof en | keyof typeof import("./en_pages.js").default
 *   | keyof typeof import("./en_account.js").default} Word
 */
/** @typedef {string | {one: string, few?: string, many?: string, other?: string}} Phrase */

/** What the page can speak, each in its own words. */
export const LANGUAGES = { en: "English", ru: "Русский" };

/** @type {Partial<Record<Word, Phrase>>} */
let words = en;
/** What is not of the first page: for all other pages, and for those of the account and the settings. */
const MORE = {
  en: { pages: () => import("./en_pages.js"), account: () => import("./en_account.js") },
  ru: { pages: () => import("./ru_pages.js"), account: () => import("./ru_account.js") },
};
/** @type {Partial<Record<"pages" | "account", Promise<void>>>} */
let loaded = {};
/** @type {keyof typeof MORE} */
let current = "en";
let plurals = new Intl.PluralRules("en");
/** @type {string | undefined} */
let dates;

/** The language in use, as a BCP 47 tag. */
export function language() {
  return current;
}

/**
 * Whose form dates and times have, for `Intl`: the browser's own (undefined) where it speaks the language in use, as
 * English has day and month in either order, and 12 or 24 hours; else that language.
 */
export function dateLocale() {
  return dates;
}

/** The language that was chosen here, else the first one of the browser's that the page can speak. */
export function preferredLanguage() {
  const chosen = stored();
  const wanted = chosen ? [chosen] : navigator.languages ?? ["en"];
  for (const tag of wanted) {
    const name = tag.slice(0, 2).toLowerCase();
    if (Object.hasOwn(LANGUAGES, name)) return name;
  }
  return "en";
}

/** @returns {string | null} */
export function stored() {
  try {
    return localStorage.getItem("language");
  } catch {
    return null;
  }
}

/** @param {string | null} name null follows the browser */
export function chooseLanguage(name) {
  try {
    if (name) localStorage.setItem("language", name);
    else localStorage.removeItem("language");
  } catch {
    // A browser that keeps nothing still speaks, until the page is closed.
  }
}

/** @param {string} name */
export async function speak(name) {
  current = name === "ru" ? "ru" : "en";
  words = { ...(current === "ru" ? (await import("./ru.js")).default : en) };
  loaded = {};
  plurals = new Intl.PluralRules(current);
  const own = new Intl.DateTimeFormat().resolvedOptions().locale;
  dates = own.split("-")[0] === current ? undefined : current;
  document.documentElement.lang = current;
}

/**
 * A module that is loaded on demand, and with it the words that the first page does without.
 * @template T
 * @param {Promise<T>} module
 * @param {"account"} [also] further words that it needs
 * @returns {Promise<T>}
 */
export async function withWords(module, also) {
  await Promise.all([load("pages"), also && load(also)]);
  return module;
}

/** @param {"pages" | "account"} name */
function load(name) {
  const loading = loaded[name] ??= MORE[current][name]().then((more) => {
    Object.assign(words, more.default);
  });
  loading.catch(() => delete loaded[name]);
  return loading;
}

/**
 * A phrase with its `{names}` filled in; of a phrase with plural forms the one for `n`.
 * @param {Word} word
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(word, values) {
  const phrase = words[word] ?? word;
  const text = typeof phrase === "string" ? phrase : plural(phrase, Number(values?.n ?? 0));
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {Exclude<Phrase, string>} phrase @param {number} n */
function plural(phrase, n) {
  const form = plurals.select(n);
  return (form in phrase ? phrase[/** @type {"one"} */ (form)] : null) ?? phrase.other ??
    phrase.few ?? phrase.one;
}

/**
 * A phrase for a code of codex or the relay; `fallback` for one that is not known.
 * @param {string} prefix @param {string | null | undefined} code @param {string} fallback
 * @param {Record<string, string | number>} [values]
 */
export function known(prefix, code, fallback, values) {
  const word = `${prefix}_${code}`.replaceAll("-", "_");
  return code && Object.hasOwn(words, word) ? t(/** @type {Word} */ (word), values) : fallback;
}
