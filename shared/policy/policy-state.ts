import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { Usage, Verdict } from "./judge.ts";
import type { KillSwitch } from "./kill-switch.ts";
import type { Place } from "./usage-book.ts";

/** What people and events have set, of one tenant, as it is now. */
export interface Standing {
  killSwitch: KillSwitch;
  breaker: CircuitBreaker;
}

/** What the gate remembers between steps, exact for all instances of the app. */
export interface PolicyState {
  /** Read afresh each time. */
  read(): Promise<Standing>;

  /**
   * Changes the kill switch as it was last changed by anybody.
   *
   * @param change is pure, and asked again when others were first; `at` is the time
   */
  changeKillSwitch(change: (now: KillSwitch, at: string) => KillSwitch): Promise<KillSwitch>;

  /** The same for the circuit breaker. */
  changeBreaker(change: (now: CircuitBreaker, at: string) => CircuitBreaker): Promise<CircuitBreaker>;

  /**
   * Counts a containment, if it is allowed. No two instances take the last place of a cap, and a machine counts once an
   * hour, whichever run contains it and however often.
   *
   * @param judge is pure, and asked again when others were first
   * @returns the verdict, what it was given under, and whether this took a place
   */
  takePlace(
    place: Place,
    judge: (now: Standing & { usage: Usage }) => Verdict,
  ): Promise<Standing & { verdict: Verdict; isNew: boolean }>;

  /** Counts a containment no more, as nothing came of it. */
  giveBackPlace(place: Place): Promise<void>;
}
