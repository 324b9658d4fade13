import { expect, test } from "vitest";
import { collectEvidence } from "../../functions/playbooks/collect-evidence.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID, aCollection, aMachine, anIsolation, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const DUMP = "C:\\Windows\\Temp\\dump.zip";
const NOTES = "C:\\Users\\ana\\notes.txt";
const aSession = (status: string, changes = {}) => anIsolation({ type: "LiveResponse", status, ...changes });
const kept = (name: string) => ({ container: "evidence", name, bytes: 42, sha256: "cd".repeat(32) });

const script: Script = {
  getMachine: () => aMachine(),
  collectInvestigationPackage: () => aCollection(),
  storePackage: () => kept("package.zip"),
  collectLiveResponseFile: () => aSession("Succeeded"),
  storeLiveResponseResult: (_, times) => kept(`file-${times + 1}`),
  getAlert: () => null,
  openTicket: () => ({ id: "SEC-1" }),
  addTicketNote: () => ({ id: "SEC-1" }),
  updateAlert: () => ({ written: true }),
  watchMachineAction: () => ({ watched: true }),
  getMachineAction: () => aCollection({ status: "Pending" }),
};
const collect = (changes: Script = {}, files = [DUMP, NOTES], told?: Parameters<typeof play>[3]) =>
  play(collectEvidence, { machineId: MACHINE_ID, alertId: ALERT_ID, files }, { ...script, ...changes }, told);
const refusing = (code: string, reason: string) => () => {
  throw new PermanentError(code, reason);
};
const sha256 = "cd".repeat(32);

test("stores the package and each file, and says on ticket and alert where they are", () => {
  const { result, steps } = collect();
  const words =
    `Investigation package: stored as package.zip, SHA-256 ${sha256}. ` +
    `${DUMP}: stored as file-1, SHA-256 ${sha256}. ${NOTES}: stored as file-2, SHA-256 ${sha256}.`;
  expect(result).toMatchObject({ outcome: "done", words, ticketId: "SEC-1" });
  expect(result.evidence.map(({ name }) => name)).toEqual(["package.zip", "file-1", "file-2"]);
  expect(texts(steps, "updateAlert")).toEqual([`${words} Ticket SEC-1.`]);
  expect(texts(steps, "addTicketNote")).toEqual([`${words} Ticket SEC-1.`]);
});

test("puts on record where each piece comes from and what for", () => {
  const seen = { computerDnsName: "lab-01", requestor: "app", requestorComment: "[run-1] Evidence", requestSource: 7 };
  const { steps } = collect({ collectLiveResponseFile: () => aSession("Succeeded", seen) }, [DUMP]);

  expect(steps.find(({ name }) => name === "storeLiveResponseResult")?.input).toMatchObject({
    machineId: MACHINE_ID,
    alertId: ALERT_ID,
    origin: { machineName: "lab-01", requestor: "app", comment: "[run-1] Evidence", path: DUMP },
  });
  expect(steps.find(({ name }) => name === "storePackage")?.input).toMatchObject({ alertId: ALERT_ID });
});

test("asks for two files in two sessions that can be told apart", () => {
  const keys = collect().steps.flatMap(({ name, input }) =>
    name === "collectLiveResponseFile" ? [(input as { key: string }).key] : [],
  );
  expect(keys).toEqual(["file-1", "file-2"]);
});

test("says of an offline device for how long Defender tries, which differs", () => {
  const news = [
    undefined,
    { after: { hours: 1 }, news: aCollection() },
    undefined,
    { after: { hours: 1 }, news: aSession("Succeeded") },
  ];
  const { result, steps } = collect(
    {
      collectInvestigationPackage: () => aCollection({ status: "Pending" }),
      collectLiveResponseFile: () => aSession("Pending"),
    },
    [DUMP],
    (wait) => news[wait - 1],
  );
  expect(texts(steps, "addTicketNote").slice(0, 2)).toEqual([
    "Investigation package: queued, device offline; Defender keeps trying for three days.",
    `${DUMP}: queued, device offline; Defender keeps trying for two hours.`,
  ]);
  expect(result.outcome).toBe("done");
});

test.each<[string, Script, string]>([
  [
    "is cancelled",
    { collectLiveResponseFile: () => aSession("Cancelled", { cancellationRequestor: "ana" }) },
    "cancelled by ana",
  ],
  [
    "cannot be had",
    {
      collectLiveResponseFile: () =>
        aSession("Failed", { commands: [{ commandStatus: "Failed", errors: ["File not found"] }] }),
    },
    "failed: LiveResponse ended as Failed: File not found",
  ],
  ["is declined", { collectLiveResponseFile: refusing("Declined", "ana said no") }, "declined: ana said no"],
  [
    "is not answered about",
    { collectLiveResponseFile: refusing("ApprovalExpired", "no answer") },
    "nobody approved it in time: no answer",
  ],
  [
    "cannot be kept",
    { storeLiveResponseResult: refusing("ResultTooLarge", "over 3 GB") },
    "collected but not stored: over 3 GB",
  ],
])("keeps the package also where a file %s", (_, changes, words) => {
  const { result } = collect(changes, [DUMP]);
  expect(result).toMatchObject({ outcome: "partly-done", evidence: [{ name: "package.zip" }] });
  expect(result.words).toContain(`${DUMP}: ${words}.`);
});

test("says that the policy does not allow any of it", () => {
  const denied = refusing("PolicyDenied", "not on servers");
  const { result } = collect({ collectInvestigationPackage: denied, collectLiveResponseFile: denied }, [DUMP]);
  const words = `Investigation package: not allowed by policy: not on servers. ${DUMP}: not allowed by policy: not on servers.`;
  expect(result).toMatchObject({ outcome: "not-allowed", words, evidence: [] });
});

test("stores evidence while the ticket system is down, and says so on the alert", () => {
  const down = refusing("Unavailable", "the ticket system is down");
  const { result, steps } = collect({ openTicket: down, addTicketNote: down }, []);
  expect(result).toMatchObject({ outcome: "done", ticketId: undefined });
  expect(texts(steps, "updateAlert")[0]).toContain("No ticket could be opened.");
});
