import { expect, test } from "vitest";
import { loadApp } from "../../../local/host/worker/function-app.ts";

// In a file of its own: the library takes this choice once for as long as it is loaded.
test("refuses an app that turns on HTTP streaming, whose calls would hang", async () => {
  const register = async () => {
    const { app } = await import("@azure/functions");
    app.setup({ enableHttpStream: true });
    app.http("answer", { handler: () => ({ body: "never" }) });
  };

  await expect(loadApp({ register })).rejects.toThrow("leave enableHttpStream out of app.setup");
});
