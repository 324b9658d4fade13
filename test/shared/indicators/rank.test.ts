import fc from "fast-check";
import { expect, test } from "vitest";
import type { Candidate } from "../../../shared/indicators/candidate.ts";
import { type Room, rank, STAYING_POINTS } from "../../../shared/indicators/rank.ts";

const ACTIONS = ["Audit", "Warn", "Block", "BlockAndRemediate"] as const;
const TYPES = ["IpAddress", "DomainName", "FileSha256"] as const;

type Ranked = Candidate & { isHeld: boolean };

const someCandidates: fc.Arbitrary<Ranked[]> = fc
  .array(
    fc.record({
      type: fc.constantFrom(...TYPES),
      action: fc.constantFrom(...ACTIONS),
      score: fc.integer({ min: 0, max: 12 }),
      seenAt: fc.integer({ min: 0, max: 3 }),
      leadingFeed: fc.constantFrom("alpha", "beta", "gamma"),
      isHeld: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((some) =>
    some.map((one, at) => ({
      ...one,
      key: `key-${(at * 7919) % 1000}`,
      value: "v",
      severity: "High",
      generateAlert: true,
      lifetimeMs: 1,
      expiresAt: 1,
      feeds: [one.leadingFeed],
      malware: [],
    })),
  );

const someRoom: fc.Arbitrary<Room> = fc.record({
  budget: fc.integer({ min: 0, max: 30 }),
  shares: fc
    .uniqueArray(fc.tuple(fc.constantFrom("alpha", "beta", "gamma"), fc.integer({ min: 0, max: 10 })), {
      selector: ([name]) => name,
    })
    .map((entries) => new Map(entries)),
  floors: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...TYPES), fc.integer({ min: 0, max: 10 })), { selector: ([type]) => type })
    .map((entries) => new Map(entries)),
});

/** Whether one comes before another, word by word as the rule is told to people. */
function comesFirst(one: Ranked, other: Ranked, staying: number): boolean {
  if (one.action !== other.action) return ACTIONS.indexOf(one.action) > ACTIONS.indexOf(other.action);
  const points = ({ score, isHeld }: Ranked) => (isHeld ? score + staying : score);
  if (points(one) !== points(other)) return points(one) > points(other);
  if (one.seenAt !== other.seenAt) return one.seenAt > other.seenAt;
  return one.key < other.key;
}

/** Takes the best that may be taken, one at a time, looking at everything anew each time. */
function slowly(candidates: readonly Ranked[], { budget, shares, floors }: Room): Set<string> {
  const taken: Ranked[] = [];
  const takeBest = (of: readonly Ranked[], staying: number): boolean => {
    const may = of.filter(
      (one) =>
        !taken.includes(one) &&
        taken.length < budget &&
        taken.filter(({ leadingFeed }) => leadingFeed === one.leadingFeed).length <
          (shares.get(one.leadingFeed) ?? 1_000),
    );
    const best = may.find((one) => may.every((other) => one === other || comesFirst(one, other, staying)));
    if (best) taken.push(best);
    return best !== undefined;
  };
  for (const [type, floor] of floors) {
    for (let count = 0; count < floor; count += 1)
      takeBest(
        candidates.filter((one) => one.type === type),
        0,
      );
  }
  while (takeBest(candidates, STAYING_POINTS));
  return new Set(taken.map(({ key }) => key));
}

const heldIn = (candidates: readonly Ranked[]) => {
  const held = new Set(candidates.filter(({ isHeld }) => isHeld).map(({ key }) => key));
  return (key: string) => held.has(key);
};

test("the ranking is what a slow and obvious one gives", () => {
  fc.assert(
    fc.property(someCandidates, someRoom, (candidates, room) => {
      const { chosen, cut } = rank(candidates, room, heldIn(candidates));
      expect(new Set(chosen.map(({ key }) => key))).toEqual(slowly(candidates, room));
      expect(chosen.length + cut.length).toBe(candidates.length);
      expect(chosen.length).toBeLessThanOrEqual(room.budget);
    }),
    { numRuns: 1000 },
  );
});

test("the order in which feeds come changes nothing", () => {
  fc.assert(
    fc.property(someCandidates, someRoom, (candidates, room) => {
      const isHeld = heldIn(candidates);
      expect(rank(candidates.toReversed(), room, isHeld).chosen).toEqual(rank(candidates, room, isHeld).chosen);
    }),
  );
});

test("what was chosen is chosen again once it is there, be it in part", () => {
  fc.assert(
    fc.property(
      someCandidates,
      someRoom,
      fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
      (candidates, room, done) => {
        const chosen = new Set(rank(candidates, room, heldIn(candidates)).chosen.map(({ key }) => key));
        // Of what was to be made and what was to be deleted, some is done.
        const later = candidates.map((one, at) => ({ ...one, isHeld: done[at] ? chosen.has(one.key) : one.isHeld }));
        expect(new Set(rank(later, room, heldIn(later)).chosen.map(({ key }) => key))).toEqual(chosen);
      },
    ),
    { numRuns: 2000 },
  );
});

const aCandidate = (key: string, score: number): Candidate => ({
  key,
  type: "DomainName",
  value: key,
  action: "Block",
  severity: "High",
  generateAlert: true,
  seenAt: 0,
  lifetimeMs: 1,
  expiresAt: 1,
  feeds: ["alpha"],
  leadingFeed: "alpha",
  malware: [],
  score,
});

test("a floor and a share that hinge on each other do not change places at each run", () => {
  const one = (key: string, more: Partial<Candidate>): Candidate => ({
    ...aCandidate(key, 0),
    action: "Block",
    ...more,
  });
  const candidates = [
    one("a", { type: "IpAddress", leadingFeed: "alpha" }),
    one("b", { type: "DomainName", leadingFeed: "alpha", score: 5, seenAt: 1 }),
    one("c", { type: "IpAddress", leadingFeed: "beta", seenAt: 1 }),
  ];
  const room: Room = { budget: 2, shares: new Map([["alpha", 1]]), floors: new Map([["IpAddress", 1]]) };
  const keysAfter = (held: string[]) =>
    rank(candidates, room, (key) => held.includes(key))
      .chosen.map(({ key }) => key)
      .sort();
  expect(keysAfter(["a"])).toEqual(keysAfter(keysAfter(["a"])));
});

test("equals do not change places, clearly better ones do", () => {
  const room = { budget: 1, shares: new Map(), floors: new Map() };
  const chosen = (score: number) =>
    rank([aCandidate("there", 50), aCandidate("new", score)], room, (key) => key === "there").chosen;
  expect(chosen(54.9)).toMatchObject([{ key: "there" }]);
  expect(chosen(55.1)).toMatchObject([{ key: "new" }]);
});
