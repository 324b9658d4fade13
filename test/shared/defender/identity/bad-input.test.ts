import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDefenderClient } from "../../../../shared/defender/client.ts";
import { createCredential } from "../../../../shared/defender/identity/create-credential.ts";
import type { IdentityOptions } from "../../../../shared/defender/identity/identity-options.ts";
import { MachineId } from "../../../../shared/defender/machines/machine.ts";
import { MACHINE_ID } from "../../../helpers/builders.ts";
import { DEFENDER_AUDIENCE, DEFENDER_SCOPE, simulatedEntra } from "./sign-in.ts";

let entra: Awaited<ReturnType<typeof simulatedEntra>>;
const machineId = MachineId.parse(MACHINE_ID);
const isolation = `POST /api/machines/${MACHINE_ID}/isolate`;

beforeAll(async () => {
  entra = await simulatedEntra();
  await entra.control.addMachine({ id: MACHINE_ID });
});
afterAll(() => entra.close());
beforeEach(() =>
  entra.control.changeApp(entra.clientId, {
    secretHasExpired: false,
    roles: { [DEFENDER_AUDIENCE]: ["Machine.ReadWrite.All", "Machine.Isolate"] },
  }),
);

/** What a person is told when an isolation is tried with this identity. */
async function told(identity: IdentityOptions = entra.secret, id = machineId): Promise<string> {
  const service = { apiUrl: entra.apiUrl, scope: DEFENDER_SCOPE };
  const services = { defender: service, xdr: service, graph: service };
  const { machineActions } = createDefenderClient({ services, credential: createCredential(identity) });
  const failed = machineActions.isolate(id, { comment: "test", isolationType: "Full" });
  return failed.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

test("a wrong tenant is named, with the call that was not made", async () => {
  const message = await told({ ...entra.secret, tenantId: "11111111-2222-4333-8444-555555555555" } as IdentityOptions);

  expect(message).toContain(`${isolation} was not made`);
  expect(message).toContain("11111111-2222-4333-8444-555555555555");
  expect(message).toContain("AADSTS90002");
});

test("an expired secret is named as such, and never shown", async () => {
  await entra.control.changeApp(entra.clientId, { secretHasExpired: true });
  const message = await told();

  expect(message).toContain(`${isolation} was not made`);
  expect(message).toContain("AADSTS7000222");
  expect(message).not.toContain(entra.clientSecret);
});

test("missing consent shows as the right that is missing, and the app to grant it to", async () => {
  await entra.control.changeApp(entra.clientId, { roles: {} });

  expect(await told()).toMatch(
    new RegExp(`^${isolation} answered 403 .*Machine\\.Isolate is missing: grant it to the app ${entra.clientId}`),
  );
});

test("a revoked right is missing from the next token on", async () => {
  expect(await told()).toBe("no error");
  await entra.control.changeApp(entra.clientId, { roles: { [DEFENDER_AUDIENCE]: ["Machine.ReadWrite.All"] } });

  expect(await told()).toContain("Machine.Isolate is missing");
});

test("a machine that does not exist is named with the call", async () => {
  const unknown = MachineId.parse("ab".repeat(20));

  expect(await told(entra.secret, unknown)).toMatch(
    new RegExp(`^POST /api/machines/${unknown}/isolate answered 404 ResourceNotFound: .*correlation id`),
  );
});
