// The web client's files. This is the empty module of a working copy: the bundle step writes the real one in its place.
/** What the files are named after: 16 hexadecimal digits. */
export const build = "0000000000000000";
/** @type {Record<string, import("./orbit/ports.d.ts").Asset>} */
export const files = {};
