import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CheckToken, createTokenCheck, TokenRefused } from "../../../shared/access/person-of-token.ts";
import { startKeys } from "../../helpers/entra.ts";
import { unsignedToken } from "../../helpers/token.ts";

let entra: Awaited<ReturnType<typeof startKeys>>;
let check: CheckToken;

beforeAll(async () => {
  entra = await startKeys();
  check = createTokenCheck(entra.setting);
});

afterAll(() => entra[Symbol.asyncDispose]());

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

test("a good token says who the person is and which roles they have", async () => {
  expect(await check(await entra.token("Ada"))).toEqual({
    name: "ada@contoso.example",
    objectId: "oid-of-Ada",
    roles: ["Playbooks.Approver"],
  });
});

test.each([
  ["has ended", { exp: inSeconds(-120) }],
  ["is not good yet", { nbf: inSeconds(120) }],
  ["never ends", { exp: undefined }],
  ["is made out to another app", { aud: "api://other" }],
  ["is of another issuer", { iss: "https://login.example/other/v2.0" }],
  ["is of another tenant", { tid: "11111111-1253-4432-9bf6-94542403f21c" }],
  ["is an app's own", { scp: undefined }],
  ["says that it is an app's own", { idtyp: "app" }],
  ["names no person", { preferred_username: undefined }],
])("a token that %s is refused", async (_, changes) => {
  await expect(check(await entra.token("ada", changes))).rejects.toThrow(TokenRefused);
});

test("a token that another key signed is refused, whatever key it names", async () => {
  const { privateKey } = await generateKeyPair("RS256");
  await expect(check(await entra.token("ada", {}, privateKey))).rejects.toThrow(TokenRefused);
  const unknown = new SignJWT({}).setProtectedHeader({ alg: "RS256", kid: "key-2" });
  await expect(check(await unknown.sign(privateKey))).rejects.toThrow(TokenRefused);
});

test("a token without a signature, or with one made from the public key, is refused", async () => {
  const [, claims = ""] = (await entra.token("ada")).split(".");
  const said = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
  await expect(check(unsignedToken(said))).rejects.toThrow(TokenRefused);

  const publicKey = new TextEncoder().encode(await (await fetch(entra.setting.keysUrl)).text());
  const confused = await new SignJWT(said).setProtectedHeader({ alg: "HS256", kid: "key-1" }).sign(publicKey);
  await expect(check(confused)).rejects.toThrow(TokenRefused);
});

test("no token is taken while the keys cannot be read, and nobody is told that it was the token", async () => {
  const unreachable = createTokenCheck({ ...entra.setting, keysUrl: "http://127.0.0.1:9/keys" });
  const error = await unreachable(await entra.token("ada")).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(TokenRefused);
});
