// A command as a person would type it. Pure.

/**
 * One line that names a command in a list: its first line, without the shell around it.
 * @param {string} command
 */
export function shortCommand(command) {
  const line = command.trim().split("\n", 1)[0];
  return line.length < command.trim().length ? line + " …" : line;
}

const SHELL = /^(?:\/(?:usr\/)?(?:local\/)?bin\/)?(?:ba|z|da|k|fi)?sh (?:-\w+ )*-(?:l?c|c|lc|cl) /;

/**
 * Takes the shell off that codex puts around a command: `/bin/bash -lc 'make test'` reads `make test`. Anything that is
 * not exactly one quoted word stays whole, so that nothing is hidden.
 * @param {string} command
 */
export function unwrapShell(command) {
  const match = SHELL.exec(command);
  if (!match) return command;
  return unquote(command.slice(match[0].length)) ?? command;
}

/**
 * The text of one shell word, or null if there is more than one or something to expand.
 * @param {string} word
 */
function unquote(word) {
  let text = "";
  for (let at = 0; at < word.length;) {
    const char = word[at];
    if (char === "'") {
      const end = word.indexOf("'", at + 1);
      if (end < 0) return null;
      text += word.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      let end = at + 1;
      for (; end < word.length && word[end] !== '"'; end++) {
        if (word[end] === "$" || word[end] === "`") return null;
        if (word[end] === "\\" && '"\\$`'.includes(word[end + 1] ?? "")) end++;
        text += word[end];
      }
      if (end >= word.length) return null;
      at = end + 1;
    } else if (char === "\\" && at + 1 < word.length) {
      text += word[at + 1];
      at += 2;
    } else if (/[\w./:=@%+,-]/.test(char)) {
      text += char;
      at++;
    } else return null;
  }
  return text;
}
