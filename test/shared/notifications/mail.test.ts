import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { ChannelSettings } from "../../../shared/notifications/channel-settings.ts";
import { createChannel } from "../../../shared/notifications/read-notifications.ts";
import { aCertificate, MAIL_PASSWORD, MAIL_USER, startMailServer } from "../../helpers/mail-server.ts";
import { aMessage, HOSTILE } from "../../helpers/message.ts";

/** Another machine, as far as anybody can tell. */
const ELSEWHERE = "127.0.0.2";
const ADA = "ada@contoso.example";
const trusted = getCACertificates("default");

afterEach(() => setDefaultCACertificates(trusted));

function mailOver({ host, port }: { host: string; port: number }, changes: object = {}, password = MAIL_PASSWORD) {
  const settings = {
    ...{ name: "mail", kind: "mail", host, port, user: MAIL_USER, setting: "NOTIFY_SMTP_PASSWORD" },
    ...{ from: "playbooks@contoso.example", to: [ADA], ...changes },
  };
  const values: Record<string, string> = { NOTIFY_SMTP_PASSWORD: password };
  return createChannel(ChannelSettings.parse(settings), {
    settingOf: (name) => values[name],
    takesSlackAnswers: false,
  });
}

const failureOf = (sending: Promise<unknown>) => sending.then(() => undefined).catch((error) => error);

test("a mail has the text, the facts and the links of its person, and is the same mail when it comes twice", async () => {
  await using server = await startMailServer();
  const link = { label: "Answer", url: `https://playbooks.example/api/approvals/1/links/${"x".repeat(43)}` };
  const message = aMessage({ text: "Gerät isoliert.\n.\nTicket 12.", links: [link] });
  await mailOver(server).deliver(message);
  await mailOver(server).deliver(message);

  const [first, second] = server.letters;
  expect(first).toMatchObject({ from: "playbooks@contoso.example", to: [ADA] });
  expect(first?.text.trimEnd().split(/\r?\n/)).toEqual([
    ...["Gerät isoliert.", ".", "Ticket 12.", "", "Device: fin-laptop-07", "", `Answer: ${link.url}`],
  ]);
  expect(first?.headers.get("subject")).toBe("Isolated: fin-laptop-07");
  expect(first?.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(first?.headers.get("message-id")).toBe(second?.headers.get("message-id"));
});

test("hostile text becomes no header, no recipient and no markup", async () => {
  await using server = await startMailServer();
  await mailOver(server).deliver(
    aMessage({ title: HOSTILE, text: HOSTILE, facts: [{ name: HOSTILE, value: HOSTILE }] }),
  );

  const [letter] = server.letters;
  expect(letter?.to).toEqual([ADA]);
  expect([...(letter?.headers.keys() ?? [])]).not.toContain("bcc");
  expect(letter?.headers.get("to")).toBe(ADA);
  expect(letter?.headers.get("content-type")).toContain("text/plain");
  expect(letter?.text).toContain("Bcc: all@contoso.example");
});

test("a long text is cut, and the mail says so", async () => {
  await using server = await startMailServer();
  await mailOver(server).deliver(aMessage({ text: "x".repeat(100_000) }));

  expect(server.letters[0]?.text).toContain("(cut)");
});

test("a wrong password does not pass, and is in no message", async () => {
  await using server = await startMailServer();
  const error = await failureOf(mailOver(server, {}, "wrong-password").deliver(aMessage()));

  expect(error).toMatchObject({ name: "DeliveryError", mayPass: false });
  expect(error.message).toBe(
    "The mail server failed with EAUTH 535; check user and the app setting NOTIFY_SMTP_PASSWORD",
  );
  expect(server.letters).toEqual([]);
});

test("a server on another machine is told nothing without TLS", async () => {
  const said: string[] = [];
  const onAuth = ({ password }: { password?: string | null | undefined }) => void said.push(password ?? "");
  await using server = await startMailServer({ onAuth }, ELSEWHERE);
  const error = await failureOf(mailOver(server).deliver(aMessage()));

  expect(error).toMatchObject({ name: "DeliveryError", mayPass: false });
  expect(error.message).toContain("no TLS that can be trusted");
  expect([said, server.letters]).toEqual([[], []]);
});

test("a server whose certificate nobody vouches for is told nothing", async () => {
  await using server = await startMailServer({ disabledCommands: [], ...(await aCertificate(ELSEWHERE)) }, ELSEWHERE);
  const error = await failureOf(mailOver(server).deliver(aMessage()));

  expect(error).toMatchObject({ name: "DeliveryError" });
  expect(server.letters).toEqual([]);
});

test("mail goes to another machine over TLS", async () => {
  const certificate = await aCertificate(ELSEWHERE);
  setDefaultCACertificates([...trusted, certificate.cert]);
  await using server = await startMailServer({ disabledCommands: [], ...certificate }, ELSEWHERE);
  await mailOver(server).deliver(aMessage());

  expect(server.letters).toMatchObject([{ to: [ADA], isSecret: true }]);
});

test("a server that is busy, or away, may take it later; one that refuses the sender does not", async () => {
  const answering = (responseCode: number): Parameters<typeof startMailServer>[0] => ({
    onMailFrom: (_, __, callback) => callback(Object.assign(new Error("no"), { responseCode })),
  });
  await using busy = await startMailServer(answering(451));
  await using strict = await startMailServer(answering(550));
  const gone = await startMailServer();
  await gone[Symbol.asyncDispose]();

  expect(await failureOf(mailOver(busy).deliver(aMessage()))).toMatchObject({ mayPass: true });
  expect(await failureOf(mailOver(gone).deliver(aMessage()))).toMatchObject({ mayPass: true });
  const refused = await failureOf(mailOver(strict).deliver(aMessage()));
  expect(refused).toMatchObject({ mayPass: false });
  expect(refused.message).toContain("550");
});

test("who is refused among several recipients is counted, and the others have their mail", async () => {
  await using server = await startMailServer({
    onRcptTo: ({ address }, _, callback) => callback(address === ADA ? null : new Error("unknown")),
  });
  const said = await mailOver(server, { to: [ADA, "gone@contoso.example"] }).deliver(aMessage());

  expect(said).toBe("1 of 2 recipients were refused");
  expect(server.letters).toMatchObject([{ to: [ADA] }]);
});

test("a server that asks for no name gets none", async () => {
  await using server = await startMailServer({ authOptional: true });
  await mailOver(server, { user: undefined, setting: undefined }).deliver(aMessage());

  expect(server.letters).toHaveLength(1);
});
