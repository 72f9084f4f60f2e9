// Loaded before a relay whose memory is read: on SIGUSR2 it collects what is garbage.
const { gc } = /** @type {{gc?: () => void}} */ (globalThis);
Deno.addSignalListener("SIGUSR2", () => gc?.());
