import { expect, test } from "vitest";
import { assessAlert } from "../../functions/playbooks/assess-alert.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID, aMachine, anAlert, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";

const input = { tenantId: "t-1", alertId: ALERT_ID, machineIds: [] };

const script: Script = {
  getAlert: () => anAlert(),
  admitAlert: () => ({ verdict: "run", started: 1, joined: 0, duplicates: 0 }),
};

const minutesUntil = (endedAt: Date) => (endedAt.getTime() - startedAt.getTime()) / 60_000;
const admitted = (steps: { name: string; input: unknown }[]) => steps.find(({ name }) => name === "admitAlert")?.input;

test("takes what is missing from Defender", () => {
  const { steps } = play(assessAlert, input, script);

  expect(admitted(steps)).toMatchObject({
    severity: "High",
    machineIds: [MACHINE_ID],
    title: "Hands-on keyboard attack",
  });
});

test("takes from Defender what no streamed row names: the incident, categories, techniques", () => {
  const shown = { incidentId: 1126093, category: "Ransomware", mitreTechniques: ["T1486"] };
  const { steps } = play(assessAlert, input, { ...script, getAlert: () => anAlert(shown) });

  expect(admitted(steps)).toMatchObject({
    incidentId: "1126093",
    categories: ["Ransomware"],
    techniques: ["T1486"],
    mode: undefined,
  });
});

test("believes what was streamed over what the API says", () => {
  const { steps } = play(assessAlert, { ...input, severity: "Low", machineIds: ["ab".repeat(20)] }, script);

  expect(admitted(steps)).toMatchObject({ severity: "Low", machineIds: ["ab".repeat(20)] });
});

test("does not take a machine for hit that the stream calls merely related", () => {
  const { steps } = play(assessAlert, { ...input, relatedMachineIds: [MACHINE_ID] }, script);

  expect(admitted(steps)).toMatchObject({ machineIds: [] });
});

test("reads the machines that a rule depends on, and decides again with those that could be read", () => {
  const gone = "ab".repeat(20);
  const { steps, result } = play(
    assessAlert,
    { ...input, isComplete: true, severity: "High", machineIds: [MACHINE_ID, gone] },
    {
      readMachineFacts: ({ machineId }: { machineId: string }) => {
        if (machineId === gone) throw new PermanentError("ResourceNotFound", "no such machine");
        return aMachine();
      },
      admitAlert: ({ machines }: { machines?: unknown[] }) =>
        machines
          ? { verdict: "run", started: 1, joined: 0, duplicates: 0 }
          : { verdict: "unread", started: 0, joined: 0, duplicates: 0, unread: [MACHINE_ID, gone] },
    },
  );

  expect(steps.map(({ name }) => name)).toEqual([
    ...["admitAlert", "readMachineFacts", "readMachineFacts", "admitAlert"],
  ]);
  expect(steps.at(-1)?.input).toMatchObject({ machines: [{ id: MACHINE_ID }] });
  expect(result).toMatchObject({ verdict: "run" });
});

test("waits for an alert that Defender does not show yet", () => {
  const { steps } = play(assessAlert, input, { ...script, getAlert: (_, times) => (times < 3 ? null : anAlert()) });

  expect(admitted(steps)).toMatchObject({ machineIds: [MACHINE_ID] });
});

test("decides with what was streamed about an alert that Defender for Endpoint does not have", () => {
  const { steps, endedAt } = play(assessAlert, { ...input, severity: "High" }, { ...script, getAlert: () => null });

  expect(admitted(steps)).toMatchObject({ severity: "High", machineIds: [] });
  expect(minutesUntil(endedAt)).toBeLessThan(10);
});

test("loses no alert to an outage of Defender or of the storage", () => {
  const outage = (answer: unknown) => (_: unknown, times: number) => {
    if (times < 10) throw new PermanentError("Unavailable", "no answer");
    return answer;
  };
  const { result } = play(assessAlert, input, {
    getAlert: outage(anAlert()),
    admitAlert: outage({ verdict: "run", started: 1, joined: 0, duplicates: 0 }),
  });

  expect(result).toMatchObject({ verdict: "run", started: 1 });
});
