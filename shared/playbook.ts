import type { z } from "zod";
import type { Call } from "./defender/call.ts";
import { type Duration, toMilliseconds } from "./duration.ts";
import { StepFailed } from "./errors.ts";
import type { Mode } from "./mode.ts";
import type { Priority } from "./quota/priority.ts";
import type { Services } from "./services.ts";

/**
 * What an activity does to the outside.
 *
 * `read` changes nothing. `write` leaves something behind that touches no machine (a ticket, a comment, a blob).
 * `collect` has a machine do something that leaves it in service. `contain` takes something from a machine
 * (its network, its programs), `release` gives it back.
 */
export type Effect = "read" | "write" | "collect" | "contain" | "release";

/**
 * What makes it safe to run an activity again.
 *
 * `reads`: it changes nothing. `adopts`: it looks for its own earlier effect and gives that back. `sets`: it brings about
 * a state, and bringing it about again changes nothing.
 */
export type Repeat = "reads" | "adopts" | "sets";

/** Which run asks, for the mark an activity leaves in the outside and looks for before it acts again. */
export interface Asking {
  runId: string;
  /** @default act */
  mode?: Mode;
  playbook?: string;
  tenantId?: string;
  /** The question that people were asked about this step. The gate reads the answer afresh. */
  approvalId?: string;
  /** Is told that the step was only pretended, which the policy may have decided. */
  onPretended?(): void;
  /** Whether the step is not tried again, should it fail for what may pass. */
  isLastTry?: boolean;
}

/** An activity that takes back what another did, by name, with what it is given. */
export interface Inverse {
  activity: string;
  input: Record<string, unknown>;
}

/** One thing a playbook can have done: the only place where I/O happens. Safe to run twice. */
export interface Activity<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  name: string;
  /** What people read about it in the list of activities, in one sentence. */
  summary: string;
  effect: Effect;
  /**
   * The calls to Defender that each performance may make, once each: its permissions and the limits it counts against
   * follow from them. Empty when it does not call Defender.
   */
  calls: readonly Call[];
  /** Why it may run twice: Durable delivers at least once. */
  repeat: Repeat;
  input: In;
  output: Out;
  /**
   * Who waits for whom on one machine: steps of one line never cross. Absent: `isolation` for what takes something from a
   * machine or gives it back, `collect` for the rest.
   */
  line?: "isolation" | "programs" | "files" | "session" | "collect";
  /**
   * What it would give at best without doing anything, for runs that only pretend. Required for what changes something
   * outside; what the app notes for itself is done in every mode.
   */
  pretend?(input: z.output<In>): z.input<Out>;
  isBookkeeping?: true;
  /** What a write in Defender is about, for the audit record: `indicator 12`. Required where it acts on no machine. */
  target?(input: z.output<In>): string;
  /** The machine it acts on. Required for `collect`, `contain` and `release`: the policy gate judges this machine. */
  machineId?(input: z.output<In>): string;
  /**
   * Why no run may do this, in a sentence, where it would lift what protects a machine. Asked in every mode, before anything
   * is done or pretended.
   */
  forbidden?(input: z.output<In>, services: Services): string | undefined | Promise<string | undefined>;
  /** The object id of the user of Entra it acts on. The policy gate reads the user, and judges. */
  userId?(input: z.output<In>): string;
  /**
   * What takes it back, by input and output; nothing where nothing was done. What contains and declares none says why in
   * `noInverse`.
   */
  inverse?(input: z.output<In>, output: z.output<Out>): Inverse | undefined;
  noInverse?: string;
  perform(input: z.output<In>, services: Services, asking: Asking): Promise<z.input<Out>>;
}

type MachineActivity = Activity & Required<Pick<Activity, "machineId">>;

/** Whether an activity acts on a machine: such a one is judged by the policy, and waits for its turn on the machine. */
export const actsOnMachine = (activity: Activity): activity is MachineActivity =>
  activity.effect === "collect" || activity.effect === "contain" || activity.effect === "release";

/** Whether an activity may change something in Defender or on a machine: only then is there anything to be judged. */
export const changesDefender = (activity: Activity): boolean =>
  actsOnMachine(activity) || (activity.effect === "write" && activity.calls.some(({ method }) => method !== "GET"));

/** The line of a machine that an activity waits in. */
export const lineOf = ({ line, effect }: Activity): string => line ?? (effect === "collect" ? "collect" : "isolation");

/** The code of a step whose every try failed for a reason that may pass. */
export const UNAVAILABLE = "Unavailable";

/** The code of a step that never began, as something else had not ended when its tries were over. */
export const WAITING = "Waiting";

/** Whether a step may succeed when it is taken again later. */
export const mayPass = (code: string): boolean => code === UNAVAILABLE || code === WAITING;

/** What `yield*` runs: pauses at each step, ends with a `T`. */
export type Steps<T> = Generator<unknown, T, any>;

export interface StepOptions {
  /** Is taken where the policy has people asked about the step, before they are; with what they are asked. */
  beforeAsking?: (question: string) => Steps<unknown>;
}

/** The current run, as a playbook sees it. Durable Functions drives it in Azure, a script drives it in tests. */
export interface Run {
  readonly id: string;
  readonly mode: Mode;
  /** The person who asked for it, where one did and has proved who they are. */
  readonly requestedBy?: string | undefined;
  now(): Date;
  /** @throws StepFailed when trying again cannot mend it, or when every try failed (code `Unavailable` or `Waiting`) */
  step<In extends z.ZodType, Out extends z.ZodType>(
    activity: Activity<In, Out>,
    input: z.input<In>,
    options?: StepOptions,
  ): Steps<z.output<Out>>;
  sleep(duration: Duration): Steps<void>;
  /**
   * Waits until the run is told something, or until `atMost` has passed: `undefined`.
   *
   * @param arrange sees to it that the run will be told, under the name it is given
   */
  waitFor<News extends z.ZodType>(
    news: News,
    atMost: Duration,
    arrange: (event: string) => Steps<unknown>,
  ): Steps<z.output<News> | undefined>;
  /** Says in a few words where the run stands, for people who watch it. Replaces what was said before. */
  report(progress: string): void;
}

export interface Playbook<In extends z.ZodType = z.ZodType, Result = unknown> {
  name: string;
  /** Goes up when names or order of steps change, because runs in flight are replayed against them. */
  version: number;
  /** One sentence for the person who chooses a playbook. */
  summary: string;
  input: In;
  /** Whether a machine has one run of it at a time: alerts that come meanwhile join that run. */
  perMachine?: boolean;
  /** Where its steps stand when Defender's limits are short; absent: by what each of them does. */
  priority?: Priority;
  steps(run: Run, input: z.output<In>): Steps<Result>;
}

/** A playbook that people and automation rules choose: it says in short words when it is right and what it does. */
export interface Runbook<In extends z.ZodType = z.ZodType, Result = unknown> extends Playbook<In, Result> {
  when: string;
  does: string;
  /** Whom it asks first. What the policy has people asked about comes on top, in every runbook. */
  asks: string;
  never?: string;
  /** How people take back what it did. */
  undo: string;
  /** Every activity that its steps may take, also by way of what it shares with others: its permissions follow from them. */
  uses: readonly Activity[];
}

export const defineActivity = <In extends z.ZodType, Out extends z.ZodType>(activity: Activity<In, Out>) => activity;
export const definePlaybook = <In extends z.ZodType, Result>(playbook: Playbook<In, Result>) => playbook;
export const defineRunbook = <In extends z.ZodType, Result>(runbook: Runbook<In, Result>) => runbook;

/** Runs steps that the runbook can do without: their failure is returned instead of ending the run. */
export function* attempt<T>(steps: Steps<T>): Steps<T | StepFailed> {
  try {
    return yield* steps;
  } catch (error) {
    if (error instanceof StepFailed) return error;
    throw error;
  }
}

/** Ever longer pauses: each `factor` times the one before, up to `most`. */
export interface Pace {
  first: Duration;
  factor: number;
  most: Duration;
}

/**
 * Looks again and again until `isDone`, or returns what it last saw once `atMost` has passed.
 *
 * The pauses are durable timers, so a wait of days survives restarts and costs nothing in between.
 */
export function* waitUntil<Seen>(
  run: Run,
  look: () => Steps<Seen>,
  isDone: (seen: Seen) => boolean,
  { pace, atMost }: { pace: Pace; atMost: Duration },
): Steps<Seen> {
  const deadline = run.now().getTime() + toMilliseconds(atMost);
  let pauseMs = toMilliseconds(pace.first);
  for (;;) {
    const seen = yield* look();
    const leftMs = deadline - run.now().getTime();
    if (isDone(seen) || leftMs <= 0) return seen;
    yield* run.sleep({ seconds: Math.min(pauseMs, leftMs) / 1000 });
    pauseMs = Math.min(pauseMs * pace.factor, toMilliseconds(pace.most));
  }
}

const OUTAGE_PACE: Pace = { first: { minutes: 1 }, factor: 2, most: { minutes: 30 } };

/**
 * Takes a step that must not be lost to an outage: while every try fails for what may pass, it is taken again, for a
 * day. What trying again cannot mend, and an outage of more than a day, is returned.
 */
export const overOutages = <T>(run: Run, step: () => Steps<T>): Steps<T | StepFailed> =>
  waitUntil(run, () => attempt(step()), isAnswered, { pace: OUTAGE_PACE, atMost: { days: 1 } });

const isAnswered = (seen: unknown): boolean => !(seen instanceof StepFailed && mayPass(seen.code));
