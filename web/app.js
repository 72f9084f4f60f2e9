// Starts the client: words, look, state, views.
import { createStore } from "./state/store.js";
import { createShell } from "./views/shell.js";
import { applyTheme } from "./views/theme.js";
import { preferredLanguage, speak } from "./words/words.js";

/** Takes a secret out of the address before anything else can see it. */
function takeSecrets() {
  const match = /^#(link|code)=(.+)$/.exec(location.hash);
  if (match) history.replaceState(null, "", location.pathname);
  const [, name, value] = match ?? [];
  return { link: name === "link" ? value : null, code: name === "code" ? value : null };
}

const secrets = takeSecrets();
applyTheme();
const store = createStore();
const started = store.actions.start();
await speak(preferredLanguage());
createShell(store, secrets);
addEventListener("hashchange", () => {
  // A link that is opened in a tab where the client runs already.
  if (/^#(link|code)=/.test(location.hash)) location.reload();
});
started.catch(reportError);
