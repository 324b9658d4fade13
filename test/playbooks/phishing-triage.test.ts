import { expect, test } from "vitest";
import { runbooks } from "../../functions/playbooks/index.ts";
import { phishingTriage } from "../../functions/playbooks/phishing-triage.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const MESSAGE = "3a5f4d61-8293-4eaf-b0c1-3c4d5e6f7081";
const SHA256 = "ab".repeat(32);
const alert = {
  id: ALERT_ID,
  title: "A user clicked a phishing link",
  severity: "medium",
  incidentId: "7",
  users: [],
  messages: [{ networkMessageId: MESSAGE, subject: "Invoice", sender: "eve@evil.example" }],
};

/** What each hunt finds, by a part of its query. */
const usual = {
  "distinct SenderFromAddress": [{ SenderFromAddress: "eve@evil.example", Subject: "Invoice" }],
  "distinct SHA256": [{ SHA256, FileName: "invoice.exe" }],
  "distinct UrlDomain": [{ UrlDomain: "evil.example" }],
  UrlClickEvents: [
    { AccountUpn: "ana@contoso.example", Clicks: 2, LetThrough: 1 },
    { AccountUpn: "ben@contoso.example", Clicks: 1, LetThrough: 0 },
  ],
  DeviceFileEvents: [{ DeviceId: MACHINE_ID, DeviceName: "lab-01", Runs: 1, InitiatingProcessAccountName: "ana" }],
  "by RecipientEmailAddress": [
    {
      RecipientEmailAddress: "ana@contoso.example",
      DeliveryAction: "Delivered",
      LatestDeliveryLocation: "Inbox/folder",
    },
    { RecipientEmailAddress: "ben@contoso.example", DeliveryAction: "Blocked", LatestDeliveryLocation: "Quarantine" },
  ],
};

const hunting = (answers: Partial<Record<keyof typeof usual, unknown[] | Error>>): Script => ({
  runHuntingQuery: ({ query }: { query: string }) => {
    const [, found] = Object.entries({ ...usual, ...answers }).find(([part]) => query.includes(part)) ?? [];
    if (found instanceof Error) throw found;
    return { columns: [], rows: found, hasMore: false };
  },
});
const script: Script = {
  ...hunting({}),
  getGraphAlert: () => alert,
  getAlert: () => null,
  openTicket: () => ({ id: "SEC-1" }),
  addTicketNote: () => ({ id: "SEC-1" }),
  commentOnGraphAlert: () => ({ written: true }),
};
const triage = (changes: Script = {}, parameters = {}) =>
  play(phishingTriage, { alertId: ALERT_ID, ...parameters }, { ...script, ...changes });
const refusing = (code: string, reason: string) => () => {
  throw new PermanentError(code, reason);
};
const queriesOf = (steps: readonly { name: string; input: unknown }[]): string[] =>
  steps.flatMap(({ name, input }) => (name === "runHuntingQuery" ? [(input as { query: string }).query] : []));

test("writes on one ticket and on the alert how far a message got, and what a person may do next", () => {
  const { result, steps } = triage();

  expect(result.lines).toEqual([
    'Messages the alert names: 1, the first "Invoice" from eve@evil.example.',
    "Recipients of the messages and others like them: 2: ana@contoso.example (Delivered, now in Inbox/folder), ben@contoso.example (Blocked, now in Quarantine).",
    "Users who clicked a link in them: 2: ana@contoso.example (2 click(s), 1 let through), ben@contoso.example (1 click(s), 0 let through).",
    "Domains of their links: 1: evil.example.",
    `Attachments: 1: invoice.exe (${SHA256}).`,
    "Devices with an attachment: 1: lab-01 (ran it 1 time(s), last by ana).",
    "A person may run next: disable-compromised-user-sessions for users who were let through; block-network-indicator for domains that are bad; block-file for attachments that are bad; collect-evidence or contain-device for devices with an attachment.",
  ]);
  expect(result).toMatchObject({ outcome: "done", users: ["ana@contoso.example"], machineIds: [MACHINE_ID] });
  const written = `How far the email got:\n${result.lines.join("\n")}\n Ticket SEC-1.`;
  expect(texts(steps, "addTicketNote")).toEqual([written]);
  expect(texts(steps, "commentOnGraphAlert")).toEqual([written]);
  expect(steps.find(({ name }) => name === "openTicket")?.input).toMatchObject({
    severity: "Medium",
    incident: "home:7",
  });
});

test("takes no step that changes anything but ticket and alert", () => {
  const changing = phishingTriage.uses.filter(({ effect }) => effect !== "read").map(({ name }) => name);
  expect(changing.sort()).toEqual(["addTicketNote", "commentOnGraphAlert", "openTicket"]);
});

test("names only runbooks that there are", () => {
  const next = triage().result.lines.at(-1) ?? "";
  const known = runbooks.filter(({ name }) => next.includes(name)).map(({ name }) => name);
  expect(known.length).toBe(new Set(next.match(/[a-z]+(-[a-z]+)+/g)).size);
});

test("looks for others of the same sender and subject, and with the same attachment", () => {
  const [deliveries = ""] = queriesOf(triage().steps).filter((query) => query.includes("by RecipientEmailAddress"));
  expect(deliveries).toContain(`NetworkMessageId in ("${MESSAGE}")`);
  expect(deliveries).toContain('(SenderFromAddress =~ "eve@evil.example" and Subject == "Invoice")');
  expect(deliveries).toContain(`EmailAttachmentInfo | where SHA256 in ("${SHA256}")`);
});

test("hunts for what a sender wrote as a text, whatever it is", () => {
  const Subject = 'Invoice") or true //\n| union DeviceInfo';
  const { steps } = triage(
    hunting({ "distinct SenderFromAddress": [{ SenderFromAddress: "eve@evil.example", Subject }] }),
  );
  const written = String.raw`Subject == "Invoice\") or true //\n| union DeviceInfo")`;
  for (const query of queriesOf(steps).filter((one) => one.includes("SenderFromAddress =~"))) {
    expect(query).toContain(written);
    expect(query).not.toMatch(/^\| union/m);
  }
});

test("keeps a query short enough, however long subjects are", () => {
  const long = Array.from({ length: 20 }, (_, number) => ({
    SenderFromAddress: "eve@evil.example",
    Subject: `${number}${'"'.repeat(900)}`,
  }));
  const { result, steps } = triage(hunting({ "distinct SenderFromAddress": long }));
  expect(result.outcome).toBe("done");
  expect(Math.max(...queriesOf(steps).map(({ length }) => length))).toBeLessThan(10_000);
});

test("asks for no devices where there was no attachment, and for no runbook where nothing was found", () => {
  const nothing = Object.fromEntries(Object.keys(usual).map((part) => [part, []]));
  const { result, steps } = triage(hunting(nothing));
  expect(result.lines.slice(1)).toEqual([
    "Recipients of the messages and others like them: none.",
    "Users who clicked a link in them: none.",
    "Domains of their links: none.",
    "Attachments: none.",
    "Devices with an attachment: none.",
  ]);
  expect(queriesOf(steps).filter((query) => query.includes("DeviceFileEvents"))).toEqual([]);
  expect(result).toMatchObject({ outcome: "done", users: [], machineIds: [] });
});

test("names no more than it was told to, and says how many more there are", () => {
  const many = Array.from({ length: 25 }, (_, number) => ({ RecipientEmailAddress: `user-${number}@contoso.example` }));
  const named = (answers: object) => triage(hunting(answers), { mostShown: 2 }).result.lines[1];
  const shown = /: 25: user-0@contoso.example \(.*\), user-1@contoso.example \([^)]*\) and 23 more\.$/;
  expect(named({ "by RecipientEmailAddress": many })).toMatch(shown);

  const counted = many.map((row) => ({ ...row, Total: 4_312 }));
  expect(named({ "by RecipientEmailAddress": counted })).toMatch(/: 4312: .* and 4310 more\.$/);
});

test("says what could not be looked for, and goes on with the rest", () => {
  const failed = new PermanentError("Forbidden", "no right to hunt in mail");
  const { result } = triage(hunting({ "distinct SHA256": failed }));
  expect(result.outcome).toBe("partly-done");
  expect(result.words).toBe("How far the email got, as far as it is known");
  expect(result.lines).toContain("Attachments: could not be looked for (no right to hunt in mail).");
  expect(result.lines).toContain("Devices with an attachment: could not be looked for (no right to hunt in mail).");
  expect(result.lines[1]).toMatch(/Quarantine\)\. Not all could be looked for \(no right to hunt in mail\)\.$/);
  expect(result.lines).toContain("Domains of their links: 1: evil.example.");
});

test("leaves out rows that cannot be read, and makes one line of what was written to mislead", () => {
  const { result } = triage(
    hunting({
      "distinct SHA256": [{ SHA256: "no hash" }, { SHA256: SHA256.toUpperCase(), FileName: "in\nvoice\u202eexe" }],
      DeviceFileEvents: [
        { DeviceId: "no id", Runs: 1 },
        { DeviceId: MACHINE_ID, Runs: 0 },
      ],
    }),
  );
  expect(result.lines).toContain(`Attachments: 1: in voice exe (${SHA256}).`);
  expect(result.lines).toContain(`Devices with an attachment: 1: ${MACHINE_ID} (not seen to run it).`);
});

test("says so where the alert names no message, and hunts for none", () => {
  const { result, steps } = triage({ getGraphAlert: () => ({ ...alert, messages: [] }) });
  expect(queriesOf(steps)).toEqual([]);
  expect(result).toMatchObject({ outcome: "partly-done", ticketId: "SEC-1" });
  expect(result.lines).toEqual(["Messages: the alert names none, so nothing was hunted for."]);
});

test("hunts for the first messages of very many, and says how many are left out", () => {
  const messages = Array.from({ length: 30 }, (_, number) => ({
    networkMessageId: `3a5f4d61-8293-4eaf-b0c1-${number.toString().padStart(12, "0")}`,
  }));
  const { result } = triage({ getGraphAlert: () => ({ ...alert, messages }) });
  expect(result.lines.slice(0, 2)).toEqual([
    'Messages the alert names: 30, the first "subject unknown" from an unknown sender.',
    "10 of them are left out.",
  ]);
});

test("waits a little for an alert that Graph does not show yet, and ends as failed where it never does", () => {
  const late = triage({ getGraphAlert: (_, times) => (times < 2 ? null : alert) });
  expect(late.endedAt.getTime() - startedAt.getTime()).toBe(15_000);
  expect(() => triage({ getGraphAlert: () => null })).toThrow(`Graph does not show alert ${ALERT_ID}`);
  expect(() => triage({ getGraphAlert: refusing("Forbidden", "no right to alerts") })).toThrow("no right to alerts");
});

test("writes on the alert while the ticket system is down, and on the ticket that the alert could not be told", () => {
  const down = refusing("Unavailable", "it is down");
  const withoutTicket = triage({ openTicket: down, addTicketNote: down });
  expect(texts(withoutTicket.steps, "commentOnGraphAlert")[0]).toContain("No ticket could be opened.");
  const withoutAlert = triage({ commentOnGraphAlert: down });
  expect(withoutAlert.result.alertUpdated).toBe(false);
  expect(texts(withoutAlert.steps, "addTicketNote")[0]).toContain("The alert could not be told.");
});
