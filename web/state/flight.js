// Text in flight: what the anchor kept of an unfinished item joined to the deltas that this page got itself.
//
// Both hold the same stream of deltas as `[emittedAtMs, text]`, merged by millisecond. The anchor's begins with the
// item and ends when it answered; the page's begins at some point of its first millisecond and goes on.

/** @typedef {[number, string][]} Stream */

/** @param {Stream} stream @param {number} ms @param {string} text */
export function pushDelta(stream, ms, text) {
  const last = stream[stream.length - 1];
  if (last && last[0] === ms) last[1] += text;
  else stream.push([ms, text]);
}

/** Deltas that are further apart than this are not the same one, ms. */
const APART = 50;
/** The longest text that is looked for twice, characters. */
const LONGEST = 4096;

/** @param {Stream} stream */
const textOf = (stream) => stream.map((entry) => entry[1]).join("");

/**
 * @param {Stream} anchor
 * @param {Stream} own
 * @param {boolean} [quiet] the anchor was asked again after the page's first delta: its first shared millisecond is
 *  complete even if nothing follows in its stream
 * @returns {{text: string, ahead: boolean, sure: boolean}} `ahead`: the anchor has text that the page is still to
 *  get, so join again with the next delta; `sure` false: ask the anchor once more
 */
export function joinStreams(anchor, own, quiet = false) {
  if (own.length === 0) return { text: textOf(anchor), ahead: true, sure: true };
  const last = anchor[anchor.length - 1]?.[0] ?? -Infinity;
  if (last < own[0][0]) {
    return appended(textOf(anchor), textOf(own), quiet || own[0][0] - last > APART);
  }
  const first = own[0][0];
  let before = "";
  let at = "";
  let after = "";
  for (const [ms, text] of anchor) {
    if (ms < first) before += text;
    else if (ms === first) at += text;
    else after += text;
  }
  const mine = textOf(own);
  const theirs = at + after;
  // Both have the end of that millisecond: the page's part of it is the anchor's last part.
  const sure = quiet || (after !== "" && own.length > 1);
  if (sure) {
    const joined = attempt(before, theirs, at.length - own[0][1].length, mine);
    if (joined) return { ...joined, sure };
  }
  for (let cut = 0; cut <= at.length; cut++) {
    if (cut === at.length && after === "" && !quiet) {
      return { ...appended(before + at, mine, false), sure };
    }
    const joined = attempt(before, theirs, cut, mine);
    if (joined) return { ...joined, sure: sure || (joined.ahead && after !== "") };
  }
  // The anchor merged deltas of several milliseconds on the way to the page: find the place by the text.
  const all = before + theirs;
  const probe = mine.slice(0, 32);
  for (let i = all.indexOf(probe); i >= 0; i = all.indexOf(probe, i + 1)) {
    const joined = attempt("", all, i, mine);
    if (joined) return { ...joined, sure };
  }
  for (let i = Math.max(0, all.length - 32); i < all.length; i++) {
    const joined = attempt("", all, i, mine);
    if (joined) return { ...joined, sure };
  }
  return { text: before + mine, ahead: false, sure };
}

/**
 * What the page got comes after all that the anchor had. Unless that is certain, what both have is there once: codex
 * stamps a delta for each connection by itself, so the same one may be a little younger here. The next answer decides.
 * @param {string} theirs @param {string} mine @param {boolean} certain
 */
function appended(theirs, mine, certain) {
  let shared = certain ? 0 : Math.min(theirs.length, mine.length, LONGEST);
  while (shared > 0 && !theirs.endsWith(mine.slice(0, shared))) shared--;
  return { text: theirs + mine.slice(shared), ahead: false, sure: certain || shared === 0 };
}

/** @param {string} before @param {string} theirs @param {number} cut @param {string} mine */
function attempt(before, theirs, cut, mine) {
  if (cut < 0) return null;
  const rest = theirs.slice(cut);
  if (mine.startsWith(rest)) return { text: before + theirs.slice(0, cut) + mine, ahead: false };
  if (rest.startsWith(mine)) return { text: before + theirs, ahead: true };
  return null;
}
