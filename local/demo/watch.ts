import { styleText } from "node:util";
import type { RunStep, RunView } from "../../shared/runs/run-view.ts";
import type { Api } from "../api.ts";

const POLL_MS = 150;

/** What a run shows of itself to whoever watches it. */
export interface Watcher {
  /** The runs as last seen, by id. */
  readonly runs: ReadonlyMap<string, RunView>;
  /** Watches until `isOver` says so or the time is up; tells which. */
  until(isOver: (runs: ReadonlyMap<string, RunView>) => boolean | Promise<boolean>, atMostMs: number): Promise<boolean>;
}

/** Prints every step of every run as it ends. `nameOf` gives the name people know a machine by. */
export function watchRuns(api: Api, nameOf: (machineId: string) => string, startedAt: number): Watcher {
  const runs = new Map<string, RunView>();
  const printed = new Set<string>();

  function print(run: RunView, text: string): void {
    const { machineId, alertId } = run.input as { machineId?: string; alertId?: string };
    const about = machineId ? nameOf(machineId) : `alert ${alertId}`;
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(6);
    console.log(`${styleText("dim", `${seconds} s`)}  ${about.padEnd(28)}  ${text}`);
  }

  function show(run: RunView): void {
    for (const step of run.steps) {
      const key = `${run.runId}/${step.startedAt}/${step.name}`;
      if (step.state === "running" || printed.has(key)) continue;
      printed.add(key);
      print(run, describeStep(step));
    }
    const said = `${run.runId}/${run.status}/${run.progress}`;
    if (printed.has(said)) return;
    printed.add(said);
    print(run, styleText("bold", run.progress));
  }

  async function look(): Promise<void> {
    // Oldest first, so that lines come in the order things happened.
    for (const run of (await api.runs()).reverse()) {
      runs.set(run.runId, run);
      show(run);
    }
  }

  return {
    runs,
    async until(isOver, atMostMs) {
      const deadline = Date.now() + atMostMs;
      for (;;) {
        await look();
        if (await isOver(runs)) return true;
        if (Date.now() > deadline) return false;
        await new Promise((resume) => setTimeout(resume, POLL_MS));
      }
    },
  };
}

function describeStep({ name, state, times, reason }: RunStep): string {
  if (state === "failed") return `${name} ${styleText("yellow", `refused: ${reason}`)}`;
  return times > 1 ? `${name} done, asked ${times} times` : `${name} done`;
}

/** Whether a run has come to its end, whatever end. */
export const hasEnded = ({ status }: RunView): boolean =>
  status === "finished" || status === "failed" || status === "cancelled";
