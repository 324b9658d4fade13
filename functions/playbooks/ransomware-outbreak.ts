import { z } from "zod";
import { FileHash } from "../../shared/defender/files/file.ts";
import { IsolationType } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { LARGEST_WAVE } from "../activities/start-containments.ts";
import { noteOnTicket } from "./containment.ts";
import { type Block, describeBlock, devicesWithFile, ON_THE_FILE, startBlock } from "./outbreak-file.ts";
import { type Contained, describeNotContained, describeTally, isContained } from "./outbreak-tally.ts";
import { CONTAINING_IN_WAVES, containInWaves, followContainments } from "./outbreak-waves.ts";
import { aboutAlert, describeAbout, incidentOf, openTicketOfRun, TELLING } from "./ticket-of-run.ts";

/** How many devices one outbreak may have. */
const MOST_MACHINES = 500;

/** Contains many devices, a few at a time. */
export const ransomwareOutbreak = defineRunbook({
  name: "ransomware-outbreak",
  version: 1,
  summary: "Contains many devices in waves, and tells of each wave on one ticket.",
  when: "Ransomware spreads over more devices than people can isolate one by one.",
  does: "Has the file blocked on all devices, if asked to, then contains the devices that are named, and those on which hunting has seen the file in the last 30 days: in waves, each device by a run of contain-device of its own, or by the one that has it in containment already. Devices that a cap of the policy leaves out are tried again in the next hour. One ticket has a tally of every wave, and says at the end what came of all.",
  asks: "Nobody by itself. What the policy leaves to people is asked by the run of each device, and the waves do not wait for it.",
  never:
    "Isolates more in an hour than the policy allows, isolates a critical asset against the policy, starts another wave once circuit breaker or kill switch has stopped one, or contains any device where there are more than 500.",
  undo: "`POST /api/runs/{id}/undo` for the run of each device, which the outcome of this run names under `containments`; those with `joined` serve other alerts, too. The file's run, `blockRunId`, is undone in the same way.",
  uses: [...ON_THE_FILE, ...CONTAINING_IN_WAVES, ...TELLING],
  input: z
    .object({
      ...aboutAlert,
      machineIds: z.array(MachineId).max(MOST_MACHINES).default([]).describe("Defender's ids of devices, at most 500"),
      sha256: FileHash.refine((hash) => hash.length === 64, "a SHA-256 has 64 hex digits")
        .optional()
        .describe("Devices on which hunting has seen this file are contained, too"),
      blockFile: z.boolean().default(false).describe("Whether the file is blocked on all devices first"),
      waveSize: z.int().min(1).max(LARGEST_WAVE).default(10).describe("How many devices are contained at a time"),
      pauseMinutes: z.number().min(0.5).max(60).default(2).describe("How long each wave is given"),
      giveUpAfterHours: z.number().min(1).max(168).default(24).describe("For how long caps are waited for"),
      isolationType: IsolationType.default("Full"),
      leaseHours: z
        .number()
        .nonnegative()
        .max(8_760)
        .optional()
        .describe("When each device is released; as contain-device"),
    })
    .refine(({ machineIds, sha256 }) => machineIds.length > 0 || sha256, "name devices, or a file by its SHA-256"),

  *steps(run, input) {
    const { machineIds, sha256, tenantId, alertId, alertTitle, severity, isolationType, leaseHours } = input;
    const incident = yield* incidentOf(run, input);
    // All containments share the ticket of one incident: where there is none, that of the outbreak.
    const incidentId = incident?.slice(incident.indexOf(":") + 1) ?? `outbreak-${run.id}`.slice(0, 64);
    const isBlocked = input.blockFile && sha256 !== undefined;
    const block: Block = isBlocked
      ? yield* startBlock(run, { hash: sha256, tenantId, alertId, incidentId, severity })
      : { words: "" };
    const found = sha256 && (yield* devicesWithFile(run, sha256, MOST_MACHINES));
    const devices = [...new Set([...machineIds, ...(found?.machineIds ?? [])])];
    const lines = [`Containment in waves of ${input.waveSize}, for ${describeAbout(input)}.`, found?.words ?? ""];
    const title = `Ransomware outbreak on ${devices.length} device(s)`;
    const ticket = yield* openTicketOfRun(run, { ...input, incidentId }, { title, lines });

    const isTooMany = devices.length > MOST_MACHINES;
    const why = isTooMany ? `There are more than ${MOST_MACHINES} devices: name those to contain first.` : "";
    const all = yield* containInWaves(run, isTooMany ? [] : devices, {
      waveSize: input.waveSize,
      pause: { minutes: input.pauseMinutes },
      giveUpAfter: { hours: input.giveUpAfterHours },
      with: { isolationType, tenantId, incidentId, alertTitle, severity, leaseHours },
      tell: (wave, words) => noteOnTicket(run, `wave-${wave}`, words),
    });
    const stopped = all.find(({ fate }) => fate === "stopped");
    const halt = stopped ? `No further wave was started: ${stopped.words?.replace(/^Not isolated: |\.$/g, "")}.` : "";
    if (halt) yield* ticket.tell("stopped", `${halt} ${describeTally(all)}.`);
    yield* followContainments(run, all);

    const contained = all.filter(isContained).length;
    const isAll = contained === devices.length && found?.isComplete !== false;
    const summary = all.length > 0 ? `Of ${all.length} device(s): ${describeTally(all)}.` : "No device was contained.";
    const parts = [summary, why, halt, describeNotContained(all), found?.words, yield* describeBlock(run, block)];
    const words = parts.filter(Boolean).join(" ");
    const notAll = stopped ? "stopped" : contained > 0 ? "partly-done" : "failed";
    const outcome = isAll && contained > 0 ? "done" : notAll;
    const told = yield* ticket.close(words);
    return { outcome, words, alertId, blockRunId: block.runId, containments: all.map(brief), ...told };
  },
});

const brief = ({ machineId, fate, runId, joined }: Contained) => ({ machineId, fate, runId, joined });
