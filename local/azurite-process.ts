/**
 * Azurite as a child of the program that needs it. Azurite by itself ignores the loss of its parent; here it then saves
 * what it holds and ends, so that no storage server outlives a closed terminal or a killed test.
 */
import { createRequire } from "node:module";

const secondsToSave = 5;

process.on("disconnect", () => {
  process.emit("SIGTERM");
  setTimeout(() => process.exit(), secondsToSave * 1000).unref();
});

// With the parent its end of the pipe is gone too; a last log line must not stop Azurite from saving.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

createRequire(import.meta.url)("azurite/dist/src/azurite.js");
