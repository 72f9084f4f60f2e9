// `<header JSON, one line>\n<rest>`: the form of the relay's frames and of the session layer's payloads.

/**
 * @param {string} text
 * @returns {{header: Record<string, any>, body: string} | null} null if the first line is not a JSON object
 */
export function parseFrame(text) {
  const end = text.indexOf("\n");
  try {
    const header = JSON.parse(end < 0 ? text : text.slice(0, end));
    if (header === null || typeof header !== "object" || Array.isArray(header)) return null;
    return { header, body: end < 0 ? "" : text.slice(end + 1) };
  } catch {
    return null;
  }
}

/** Length in UTF-8. @param {string} text */
export function utf8Length(text) {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) bytes += unit > 0x7ff ? (unit >= 0xd800 && unit < 0xe000 ? 1 : 2) : 1;
  }
  return bytes;
}

/** Cuts at code-point boundaries into parts of at most `limit` bytes. @param {string} text @param {number} limit */
export function splitText(text, limit) {
  if (text.length * 3 <= limit || utf8Length(text) <= limit) return [text];
  const parts = [];
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < text.length;) {
    const point = /** @type {number} */ (text.codePointAt(i));
    const size = point > 0xffff ? 4 : point > 0x7ff ? 3 : point > 0x7f ? 2 : 1;
    if (bytes + size > limit) {
      parts.push(text.slice(start, i));
      start = i;
      bytes = 0;
    }
    bytes += size;
    i += point > 0xffff ? 2 : 1;
  }
  parts.push(text.slice(start));
  return parts;
}
