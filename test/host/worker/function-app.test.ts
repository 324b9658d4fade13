import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadApp } from "../../../local/host/worker/function-app.ts";

const functions = () => import("@azure/functions");

test("loads what an app registers and calls it with the trigger's value", async () => {
  const app = await loadApp({
    async register() {
      const { app: azure } = await functions();
      azure.generic("double", { trigger: { type: "numberTrigger", name: "n" }, handler: (n) => Number(n) * 2 });
    },
  });
  const double = app.functions.get("double");

  expect(double?.trigger.type).toBe("numberTrigger");
  expect(await app.invoke(double as never, { triggerData: { int: 21 } })).toMatchObject({ returnValue: { int: 42 } });
});

test("gives back the error of a function with the context of the call", async () => {
  const logged: string[] = [];
  const app = await loadApp({
    async register() {
      const { app: azure } = await functions();
      azure.generic("fail", {
        trigger: { type: "anyTrigger", name: "n" },
        handler(_, context) {
          context.warn("about to fail", { step: 1 });
          throw new Error("broken");
        },
      });
    },
    log: (level, message, { functionName }) => void logged.push(`${level} ${functionName} ${message}`),
  });
  const result = await app.invoke(app.functions.get("fail") as never, { triggerData: { string: "x" } });

  expect(result).toMatchObject({ error: { message: "broken" }, context: { functionName: "fail" } });
  expect(logged).toEqual(["warning fail about to fail { step: 1 }"]);
});

test("runs hooks around a call, which may change what goes in and what comes out", async () => {
  const app = await loadApp({
    async register() {
      const { app: azure } = await functions();
      azure.generic("echo", { trigger: { type: "anyTrigger", name: "n" }, handler: (text) => text });
      azure.hook.preInvocation((context) => {
        context.inputs = ["changed"];
      });
      azure.hook.postInvocation((context) => {
        context.result = `${context.result}!`;
      });
    },
  });
  const result = await app.invoke(app.functions.get("echo") as never, { triggerData: { string: "given" } });

  expect(result.returnValue).toEqual({ string: "changed!" });
});

test("shows what is logged to the log hooks, which may change what the app itself has to say", async () => {
  const logged: string[] = [];
  const app = await loadApp({
    async register() {
      const { app: azure } = await functions();
      azure.generic("talk", {
        trigger: { type: "anyTrigger", name: "n" },
        handler: (_, context) => context.log("hello"),
      });
      azure.hook.log((context) => {
        if (context.invocationContext?.functionName !== "talk") return;
        context.invocationContext.log("seen by nobody twice");
        context.level = "warning";
        context.message = context.message.toUpperCase();
      });
    },
    log: (level, message, { functionName, invocationId }) =>
      void logged.push(`${level} ${functionName} ${message} ${invocationId?.length}`),
  });
  await app.invoke(app.functions.get("talk") as never, { triggerData: { string: "x" } });

  expect(logged).toEqual(["information talk seen by nobody twice 36", "warning talk HELLO 36"]);
});

test("lets the hooks at the start and the end of an app share what they keep", async () => {
  const seen: unknown[] = [];
  const app = await loadApp({
    async register() {
      const { app: azure } = await functions();
      azure.hook.appStart(({ hookData }) => {
        hookData.startedAs = "first";
      });
      azure.hook.appTerminate(({ hookData }) => void seen.push(hookData.startedAs));
    },
  });
  await app.stop();

  expect(seen).toEqual(["first"]);
});

test("refuses two functions of one name, and one that comes too late", async () => {
  const twice = async () => {
    const { app: azure } = await functions();
    const options = { trigger: { type: "anyTrigger", name: "n" }, handler: () => undefined };
    azure.generic("same", options);
    azure.generic("same", options);
  };
  await expect(loadApp({ register: twice })).rejects.toThrow('Two functions are named "same".');
});

test("loads the files that package.json names, and says so when there is none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "app-"));
  const library = JSON.stringify(import.meta.resolve("@azure/functions"));
  writeFileSync(
    join(folder, "main.mjs"),
    `import { app } from ${library}; app.generic("loaded", { trigger: { type: "anyTrigger", name: "n" }, handler: () => 1 });`,
  );

  const app = await loadApp({ appFolder: folder, entry: "*.mjs" });
  expect([...app.functions.keys()]).toEqual(["loaded"]);
  await expect(loadApp({ appFolder: folder, entry: "dist/*.js" })).rejects.toThrow(/has no file dist\/\*\.js/);
  writeFileSync(join(folder, "broken.cjs"), 'throw new Error("TENANT_ID is missing.");');
  await expect(loadApp({ appFolder: folder, entry: "broken.cjs" })).rejects.toThrow("TENANT_ID is missing.");
  rmSync(folder, { recursive: true });
});
