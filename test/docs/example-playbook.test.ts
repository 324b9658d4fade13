import { expect, test } from "vitest";
import { watchDevice } from "../../docs/example-playbook.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID, aMachine, anIsolation, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script } from "../helpers/play.ts";

/** What each activity answers, by its name. */
const script: Script = {
  tagMachine: () => ({ machineTags: ["Watch"] }),
  runAntiVirusScan: () => anIsolation({ type: "RunAntiVirusScan", status: "Succeeded" }),
  getMachine: () => aMachine(),
  getAlert: () => null,
  openTicket: () => ({ id: "SEC-1" }),
  addTicketNote: () => ({ id: "SEC-1" }),
  updateAlert: () => ({ written: true }),
};
const input = { machineId: MACHINE_ID, alertId: ALERT_ID };

test("tags the device, scans it, and says so", () => {
  const { result, steps } = play(watchDevice, input, script);

  expect(result).toMatchObject({ outcome: "done", words: "Quick antivirus scan: done", ticketId: "SEC-1" });
  expect(steps.at(-1)).toMatchObject({
    name: "addTicketNote",
    input: { text: "Quick antivirus scan: done. Tagged Watch. Ticket SEC-1." },
  });
});

test("scans a device also where the tag cannot be set", () => {
  const tagMachine = () => {
    throw new PermanentError("ResourceNotFound", "no such device");
  };
  const { result, steps } = play(watchDevice, input, { ...script, tagMachine });

  expect(result).toMatchObject({ outcome: "done" });
  expect(steps.at(-1)?.input).toMatchObject({ text: expect.stringContaining("Not tagged: no such device.") });
});
