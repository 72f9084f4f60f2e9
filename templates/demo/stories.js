// What the demo's model answers: chosen by words of the prompt. The commands are real ones.

/**
 * @typedef {import("./script.js").Step} Step
 * @typedef {object} Situation
 * @property {string} text The newest prompt.
 * @property {string[]} texts All prompts of the thread.
 * @property {string[]} outputs What the tools answered in this turn so far.
 * @property {boolean} steered The newest prompt came while the turn ran.
 * @property {boolean} canPlan
 */

const FILE = "greet.sh";

/** @param {string} greeting @param {string} name */
const source = (greeting, name) =>
  `#!/bin/sh
# Greets whoever is named, or everyone.
name="\${1:-${name}}"
echo "${greeting}, $name!"
`;

/** A file as the lines of a patch. @param {string} sign @param {string} text */
const lines = (sign, text) => text.trimEnd().split("\n").map((line) => sign + line).join("\n");

/** The patch that makes or changes the demo's file, seen from what `cat` printed of it.
 * @param {string} seen */
function patch(seen) {
  const found = /echo "(\w[\w ]*), \$name!"/.exec(seen);
  if (found === null) {
    return `*** Begin Patch\n*** Add File: ${FILE}\n${
      lines("+", source("Hello", "world"))
    }\n*** End Patch`;
  }
  const next = found[1] === "Hello" ? "Good day" : "Hello";
  return `*** Begin Patch
*** Update File: ${FILE}
@@
-echo "${found[1]}, $name!"
+echo "${next}, $name!"
*** End Patch`;
}

/** @param {string} output */
const failed = (output) => /exited with code [1-9]|rejected|denied|declined|aborted/i.test(output);

/** @param {("completed" | "in_progress" | "pending")[]} states @returns {Step} */
const plan = (...states) => ({
  plan: ["Look at the workspace", `Change \`${FILE}\``, "Run it and keep the result"]
    .map((step, i) => ({ step, status: states[i] })),
});

/** @param {Situation} situation @returns {Step[]} */
function tour({ outputs, canPlan }) {
  const planned = (/** @type {Step[]} */ ...steps) => canPlan ? steps : [];
  // Outputs come in the order of the calls; without the plan tool there are two fewer.
  const [look, edit, run] = canPlan
    ? [outputs[1], outputs[2], outputs[4]]
    : [outputs[0], outputs[1], outputs[2]];
  const denied = run !== undefined && failed(run);
  return [
    {
      reasoning:
        "**Reading the workspace first**\n\nBefore anything is changed I want to know what " +
        "is here: the files, whether git follows them, and whether an earlier run left something behind.",
    },
    { say: "I'll look at what is here before I change anything.\n" },
    {
      calls: [
        ...planned(plan("in_progress", "pending", "pending")),
        {
          exec: {
            cmd: `ls -la; git status --short --branch 2>&1; cat ${FILE} 2>/dev/null || true`,
          },
        },
      ],
    },
    {
      say: `## What I found

One small file is enough for this:

- **\`${FILE}\`** greets whoever is named, or everyone
- it is plain \`sh\`, with nothing to install
- nothing else depends on it

The change is one line:

\`\`\`sh
name="\${1:-world}"
echo "Hello, $name!"
\`\`\`

I'll make it now.
`,
    },
    { patch: patch(look ?? "") },
    {
      reasoning:
        "**Keeping the result**\n\nThe script only prints. To keep what it prints I have to " +
        "write outside of the sandbox, and for that I should ask.",
    },
    {
      say: edit !== undefined && failed(edit)
        ? "That change could not be made; I'll run what is there.\n"
        : "The file is in place. Now I'd like to run it and keep what it prints.\n",
    },
    {
      calls: [
        ...planned(plan("completed", "completed", "in_progress")),
        {
          exec: {
            cmd: `sh ${FILE} "from your machine" | tee greeting.txt`,
            escalated: true,
            justification:
              `May I run ${FILE} outside of the sandbox and save what it prints as greeting.txt?`,
            prefix: ["sh", FILE],
          },
        },
      ],
    },
    ...planned(plan("completed", "completed", denied ? "pending" : "completed")),
    {
      say: denied
        ? `## Stopped where you said so

The command was not run, and \`greeting.txt\` was not written. What stays is the change in \`${FILE}\`; \
tell me if you want that undone as well.
`
        : `## Done

| file | what happened |
|---|---|
| \`${FILE}\` | says its greeting in one line |
| \`greeting.txt\` | holds what it printed |

Try it yourself:

\`\`\`sh
sh ${FILE} Ada
\`\`\`

*These answers come from the demo's script; the commands and the files are real.* Ask me to **ask you \
something**, to run **two commands**, to **fail**, or for a **long** answer.
`,
    },
  ];
}

/** @param {Situation} situation @returns {Step[]} */
function ask({ outputs }) {
  let chosen = "";
  try {
    chosen = Object.values(JSON.parse(outputs[0] ?? "{}").answers ?? {})
      .flatMap((answer) => /** @type {{answers: string[]}} */ (answer).answers).join(", ");
  } catch {
    // The question was dismissed; its output is a sentence then.
  }
  return [
    { say: "Before I start I need one decision from you.\n" },
    {
      question: [{
        id: "language",
        header: "Language",
        question: "Which language should the script be written in?",
        options: [
          { label: "Shell (Recommended)", description: "Runs everywhere and needs nothing." },
          { label: "Python", description: "Easier to extend later." },
          { label: "JavaScript", description: "If the project has it already." },
        ],
      }],
    },
    {
      say: chosen === ""
        ? "You left it open, so I'd take **Shell**: it runs everywhere.\n"
        : `**${chosen}** it is. I'd lay it out like this:\n\n1. one entry point\n2. one test beside it\n3. nothing to install\n`,
    },
  ];
}

/** @param {Situation} situation @returns {Step[]} */
function two({ outputs }) {
  const count = outputs.filter((output) => !failed(output)).length;
  return [
    { say: "These two don't depend on each other, so I'll ask for both at once.\n" },
    {
      calls: [
        {
          exec: {
            cmd: "date -u +%Y-%m-%dT%H:%MZ > stamp.txt",
            escalated: true,
            justification: "May I write the time to stamp.txt?",
            prefix: ["date", "-u"],
          },
        },
        {
          exec: {
            cmd: "uname -sm > machine.txt",
            escalated: true,
            justification: "May I write the kind of machine to machine.txt?",
            prefix: ["uname", "-sm"],
          },
        },
      ],
    },
    { say: `You let ${["neither", "one", "both"][Math.min(count, 2)]} of them run.\n` },
  ];
}

/** @returns {Step[]} */
function fail() {
  return [
    { say: "I'll run the checks.\n" },
    {
      exec: {
        cmd:
          "printf '\\033[32mok\\033[0m   1 greets the world\\n\\033[32mok\\033[0m   2 greets by name\\n" +
          "\\033[31mnot ok\\033[0m 3 refuses an empty name\\n       \\033[2mexpected: 1, got: 0\\033[0m\\n'; exit 1",
      },
    },
    {
      say:
        "Two of three pass. The third one fails because an empty name is taken as *everyone*:\n\n" +
        '```diff\n-name="${1:-world}"\n+name="${1?a name is needed}"\n```\n\nShall I change that?\n',
    },
  ];
}

/** @returns {Step[]} */
function long() {
  return [
    {
      say: `# How a shell finds a command

A name that you type is looked up in a fixed order:

1. **aliases**, in an interactive shell
2. **functions**
3. **builtins** such as \`cd\` and \`echo\`
4. files in the folders of \`PATH\`, from left to right

> The first hit wins. That is why a function can replace a program without anyone noticing.

## Looking it up yourself

\`\`\`sh
type -a echo     # every hit, in order
command -v git   # the one that is taken
\`\`\`

| tool | sees aliases | portable |
|---|---|---|
| \`type\` | yes | no |
| \`command -v\` | yes | yes |
| \`which\` | no | no |

### What is kept

The shell remembers where it found a program:

- \`hash\` shows the table
  - each line has the number of uses
  - and the path
- \`hash -r\` forgets it

The full rules are in [POSIX, section 2.9.1](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html).

---

That is all there is to it: *one order, one table, no magic*.
`,
    },
  ];
}

/** @param {Situation} situation @returns {Step[]} */
export function story(situation) {
  const { text, texts, steered } = situation;
  if (steered) {
    const quoted = text.trim().split("\n")[0].slice(0, 120);
    return [{ say: `Understood: *${quoted}*. I'll keep to that.\n` }];
  }
  if (/\b(ask|question|which)\b/i.test(text)) return ask(situation);
  if (/\b(two|both|parallel)\b/i.test(text)) return two(situation);
  if (/\b(fail|fails|error|checks?)\b/i.test(text)) return fail();
  if (/\b(long|explain|how)\b/i.test(text)) return long();
  if (texts.length === 1 || /\b(again|demo|tour)\b/i.test(text)) return tour(situation);
  return [
    { reasoning: "**Short answer**\n\nNothing here needs a change, so a look is enough." },
    { exec: { cmd: "ls" } },
    { say: "Nothing has changed since then. Say **again** and I'll go through it once more.\n" },
  ];
}
