import { expect, test } from "vitest";
import { domainCalls } from "../../../shared/defender/domains/calls.ts";
import { fileCalls } from "../../../shared/defender/files/calls.ts";
import { FileHash } from "../../../shared/defender/files/file.ts";
import { ipCalls } from "../../../shared/defender/ips/calls.ts";
import { Sha1 } from "../../../shared/defender/machine-actions/sha1.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import { AccountName } from "../../../shared/defender/users/account-name.ts";
import { userCalls } from "../../../shared/defender/users/calls.ts";
import { ALERT_ID, MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(fileCalls, ipCalls, domainCalls, userCalls);

const sha1 = Sha1.parse("4388963aaa83afe2042a46a3c017ad50bdcdafb3");
const sha256 = FileHash.parse("413c58c8267d2c8648d8f6384bacc2ae9c929b2b96578b6860b5087cd1bd6462");

/** A tenant with one alert, on one machine, that shows a file, an address, a domain and a user. */
async function tenantWithAnAlert() {
  const defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.addAlert({
    id: ALERT_ID,
    machineId: MACHINE_ID,
    evidence: [
      { entityType: "File", sha1, sha256, fileName: "odd.exe" },
      { entityType: "Ip", ipAddress: "2001:db8::7" },
      { entityType: "Url", url: "https://bad.example/x" },
      { entityType: "User", accountName: "kim" },
    ],
  });
  return defender;
}

const theAlert = [{ id: ALERT_ID }];
const theMachine = [{ id: MACHINE_ID }];

test("reads a file by either hash, how common it is, and where it was seen", async () => {
  await using defender = await tenantWithAnAlert();
  const { files } = defender.defender;

  expect(await files.get(sha256)).toMatchObject({ sha1, sha256 });
  expect(await files.statistics(sha1, { lookBackHours: 48 })).toMatchObject({ organizationPrevalence: 1 });
  expect(await allOf(files.machines(sha1))).toMatchObject(theMachine);
  expect(await allOf(files.alerts(sha1))).toMatchObject(theAlert);
  expect(await defender.simulator.journal({ path: "*/stats" })).toMatchObject([{ query: "lookBackHours=48" }]);
});

test("says that a file is unknown, and that nothing is known about it elsewhere", async () => {
  await using defender = await simulatedDefender();
  const { files } = defender.defender;

  await expect(files.get(sha1)).rejects.toMatchObject({ name: "DefenderNotFoundError" });
  expect(await allOf(files.machines(sha1))).toEqual([]);
});

test("looks an address up, colons and all, and one never seen is rare", async () => {
  await using defender = await tenantWithAnAlert();
  const { ips } = defender.defender;

  expect(await ips.statistics("2001:db8::7")).toMatchObject({ ipAddress: "2001:db8::7", organizationPrevalence: 1 });
  expect(await allOf(ips.alerts("2001:db8::7"))).toMatchObject(theAlert);
  expect(await ips.statistics("192.0.2.1")).toMatchObject({ organizationPrevalence: 0 });
});

test("looks a domain up", async () => {
  await using defender = await tenantWithAnAlert();
  const { domains } = defender.defender;

  expect(await domains.statistics("bad.example", { lookBackHours: 720 })).toMatchObject({ host: "bad.example" });
  expect(await allOf(domains.machines("bad.example"))).toMatchObject(theMachine);
  expect(await allOf(domains.alerts("bad.example"))).toMatchObject(theAlert);
});

test("looks a user up by account name", async () => {
  await using defender = await tenantWithAnAlert();
  const { users } = defender.defender;
  const kim = AccountName.parse("kim");

  expect(await allOf(users.alerts(kim))).toMatchObject(theAlert);
  expect(await allOf(users.machines(kim))).toMatchObject(theMachine);
});

test.each(["kim@contoso.com", "CONTOSO\\kim", "", ".", ".."])(
  "does not take %j for an account name, as Defender would find nobody",
  (name) => {
    expect(() => AccountName.parse(name)).toThrow(/account name alone|at least|>=1/i);
  },
);
