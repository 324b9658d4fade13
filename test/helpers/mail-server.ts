import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export const MAIL_USER = "playbooks@contoso.example";
export const MAIL_PASSWORD = "mail-password";

export interface Letter {
  from: string;
  to: string[];
  /** As it came over the wire. */
  raw: string;
  headers: Map<string, string>;
  text: string;
  /** Whether it came over TLS. */
  isSecret: boolean;
}

/** A certificate for a machine, which whoever connects has to trust. */
export async function aCertificate(ip: string): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await generate([{ name: "commonName", value: ip }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip }] }],
  });
  return { key, cert };
}

/** A mail server that lets one user in and keeps the letters. */
export async function startMailServer(options: SMTPServerOptions = {}, host = "127.0.0.1") {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    ...{ allowInsecureAuth: true, disabledCommands: ["STARTTLS"], logger: false },
    onAuth({ username, password }, _, callback) {
      const isKnown = username === MAIL_USER && password === MAIL_PASSWORD;
      callback(isKnown ? null : new Error(`Invalid login ${password}`), isKnown ? { user: username } : undefined);
    },
    async onData(stream, { envelope: { mailFrom, rcptTo }, secure }, callback) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const raw = Buffer.concat(chunks).toString("utf8");
      const from = mailFrom ? mailFrom.address : "";
      letters.push({ from, to: rcptTo.map(({ address }) => address), raw, ...parse(raw), isSecret: secure });
      callback();
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    host,
    port: (server.server.address() as AddressInfo).port,
    letters,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** Headers, unfolded, and the text of a letter with one part. */
function parse(raw: string): { headers: Map<string, string>; text: string } {
  const end = raw.indexOf("\r\n\r\n");
  const unfolded = raw.slice(0, end).replaceAll(/\r\n[ \t]+/g, " ");
  const headers = new Map(
    unfolded.split("\r\n").map((line) => {
      const [name = "", ...value] = line.split(": ");
      return [name.toLowerCase(), value.join(": ")] as const;
    }),
  );
  const body = raw.slice(end + 4);
  const encoding = headers.get("content-transfer-encoding");
  if (encoding === "base64") return { headers, text: Buffer.from(body, "base64").toString("utf8") };
  return { headers, text: encoding === "quoted-printable" ? fromQuotedPrintable(body) : body };
}

const fromQuotedPrintable = (text: string): string =>
  Buffer.from(
    text
      .replaceAll("=\r\n", "")
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
