import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { getMachine } from "../../functions/activities/get-machine.ts";
import { readIsolation } from "../../functions/activities/read-isolation.ts";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { earlierVersions, playbooks } from "../../functions/playbooks/index.ts";
import { definePlaybook, type Playbook } from "../../shared/playbook.ts";
import { orchestrationName } from "../../shared/versions/playbook-versions.ts";
import { nameOf, readRecorded, recordedNames } from "./history-file.ts";
import { appWithPlaybooks, replay } from "./replay.ts";

const MOST_BYTES = 100_000;
const names = recordedNames();

test.each(names)("a run in flight goes on with today's code: %s", async (name) => {
  const app = await appWithPlaybooks([...playbooks, ...earlierVersions]);

  await replay(app, readRecorded(name));
});

test("a playbook whose version has gone up has a recorded run of the new one", () => {
  const recorded = names.map(readRecorded);
  const changed = playbooks.filter(({ name, version }) => version > 1 || recorded.some((run) => run.playbook === name));
  const isRecorded = ({ name, version }: Playbook) =>
    recorded.some((run) => run.playbook === name && run.version === version);

  // Record them with `npm run histories -- record`.
  expect(changed.filter((playbook) => !isRecorded(playbook)).map(orchestrationName)).toEqual([]);
});

test("recorded runs are small, and named as what they are", () => {
  for (const name of names) {
    expect(nameOf(readRecorded(name))).toBe(name);
    expect(statSync(join(import.meta.dirname, name)).size).toBeLessThan(MOST_BYTES);
  }
});

const isolated = readRecorded(`contain-device-v${containDevice.version}-isolated.json`);
const { name, version, summary, input } = containDevice;
const about = { name, version, summary, input };

test.each([
  [
    "one that looks at something first",
    definePlaybook({
      ...about,
      *steps(run, parameters) {
        yield* run.step(getMachine, { machineId: parameters.machineId });
        return yield* containDevice.steps(run, parameters);
      },
    }),
    "step 1 was entity operation enter, and now is entity operation reserve",
  ],
  [
    "one that does one thing more at the end",
    definePlaybook({
      ...about,
      *steps(run, parameters) {
        yield* containDevice.steps(run, parameters);
        return yield* run.step(readIsolation, { machineId: parameters.machineId });
      },
    }),
    "after its last step it now takes one more, entity operation reserve",
  ],
  [
    "one that ends early",
    definePlaybook({
      ...about,
      *steps(run, { machineId }) {
        run.report(machineId);
      },
    }),
    "step 1 was entity operation enter, and now is not there",
  ],
])("a playbook is refused under the same version: %s", async (_, changed, difference) => {
  const app = await appWithPlaybooks([changed]);

  const replayed = replay(app, isolated);

  await expect(replayed).rejects.toThrow(`breaking change in contain-device v${version}: name a new version`);
  await expect(replayed).rejects.toThrow(difference);
});
