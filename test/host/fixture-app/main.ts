/** A small app with one function of every kind, to run on the embedded host in tests. */
import { appendFileSync } from "node:fs";
import { app, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";

const journal = process.env.FIXTURE_JOURNAL ?? "";
const note = (entry: object) => appendFileSync(journal, `${JSON.stringify(entry)}\n`);

if (process.env.FIXTURE_BROKEN) throw new Error(`FIXTURE_BROKEN must not be "${process.env.FIXTURE_BROKEN}".`);

app.http("echo", {
  route: "echo/{id:int}",
  methods: ["POST"],
  authLevel: "function",
  handler: async (request, context) => ({
    status: 201,
    headers: { "x-host": process.env.WEBSITE_HOSTNAME ?? "" },
    cookies: [{ name: "seen", value: "yes", httpOnly: true }],
    jsonBody: {
      id: request.params.id,
      query: request.query.get("q"),
      body: await request.text(),
      invocationId: context.invocationId !== "",
    },
  }),
});

app.http("slow", {
  handler: async (request) => {
    await new Promise((resolve) => setTimeout(resolve, Number(request.query.get("ms"))));
    return { body: "done" };
  },
});

app.http("greet", {
  methods: ["POST"],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew("greeting", { input: await request.text() });
    const status = await client.waitForCompletionOrCreateCheckStatusResponse(request, id, {
      timeoutInMilliseconds: 10_000,
      retryIntervalInMilliseconds: 50,
    });
    return status;
  },
});

df.app.orchestration("greeting", function* (context) {
  const greeting: unknown = yield context.df.callActivity("sayHello", context.df.getInput());
  return greeting;
});

df.app.activity("sayHello", { handler: (name: string) => `Hello ${name}` });

app.timer("tick", {
  schedule: "0 0 0 1 1 *",
  runOnStartup: true,
  handler: (timer) => note({ tick: timer.isPastDue }),
});

app.eventHub("stream", {
  connection: "STREAM",
  eventHubName: "%FIXTURE_HUB%",
  cardinality: "many",
  ...{ dataType: "binary" },
  handler: (events: unknown, context: InvocationContext) => {
    const bodies = (events as Buffer[]).map((body) => ({ isBuffer: Buffer.isBuffer(body), text: String(body) }));
    note({ stream: bodies, sequenceNumbers: context.triggerMetadata?.sequenceNumberArray });
  },
});

app.storageQueue("queue", {
  connection: "AzureWebJobsStorage",
  queueName: "work",
  handler: () => note({ queue: true }),
});
