/**
 * npm run histories -- record: records a run for each story that has no file yet, of the newest versions. What is recorded
 * of a version that was ever in use stays as it is: delete the file of a new one to have it recorded anew.
 */
import { playbooks } from "../../functions/playbooks/index.ts";
import { startAzurite } from "../../local/azurite.ts";
import { EventType } from "../../local/host/durable/history.ts";
import { messageOf } from "../../shared/errors.ts";
import { orchestrationName } from "../../shared/versions/playbook-versions.ts";
import { nameOf, type RecordedRun, recordedNames, writeRecorded } from "./history-file.ts";
import { type Story, stories } from "./stories.ts";
import { startWorld } from "./world.ts";

const HELP = `Records what runs of today's playbooks go through, for later versions to be held against.

npm run histories -- record    records every story that has no file in test/histories yet
`;

const playbookOfStory = ({ playbook: name }: Story) => {
  const playbook = playbooks.find((one) => one.name === name);
  if (!playbook) throw new Error(`There is no playbook named ${name}.`);
  return playbook;
};

async function record(story: Story): Promise<RecordedRun> {
  const azurite = await startAzurite();
  try {
    await using world = await startWorld(azurite.connectionString);
    await story.tell(world);
    const { name: playbook, version } = playbookOfStory(story);
    const [runId = ""] = await world.runsOf(playbook);
    if ((await world.statusOf(runId)) !== "Completed") throw new Error(`The run of "${story.story}" did not complete.`);
    const history = world.history(runId);
    const started = history.find((event) => event.EventType === EventType.ExecutionStarted);
    const orchestration = orchestrationName({ name: playbook, version });
    const input = started?.Input as string | null;
    return { playbook, version, story: story.story, orchestration, runId, input, history };
  } finally {
    await azurite.stop();
  }
}

/** @returns the playbooks that no story tells of */
async function recordMissing(): Promise<string[]> {
  const there = new Set(recordedNames());
  for (const story of stories) {
    const name = nameOf({ ...story, version: playbookOfStory(story).version });
    if (there.has(name)) continue;
    writeRecorded(await record(story));
    console.log(name);
  }
  const told = new Set(stories.map(({ playbook }) => playbook));
  return playbooks.map(({ name }) => name).filter((name) => !told.has(name));
}

try {
  if (process.argv[2] === "record") {
    for (const name of await recordMissing()) console.log(`There is no story of ${name} in test/histories/stories.ts.`);
  } else console.log(HELP);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
