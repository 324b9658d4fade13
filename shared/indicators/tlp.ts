/** How far intelligence may be shared, the most open first. @see https://www.first.org/tlp/ */
export const TLP = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"] as const;
export type Tlp = (typeof TLP)[number];

/** The stricter of two marks; no mark says nothing. */
export const stricter = (one: Tlp | undefined, other: Tlp | undefined): Tlp | undefined =>
  one && other ? (TLP.indexOf(one) >= TLP.indexOf(other) ? one : other) : (one ?? other);

/** The strictest of some marks. */
export const strictest = (marks: Iterable<Tlp | undefined>): Tlp | undefined =>
  [...marks].reduce<Tlp | undefined>(stricter, undefined);

const SPELLINGS: Record<string, Tlp> = {
  white: "CLEAR",
  clear: "CLEAR",
  green: "GREEN",
  amber: "AMBER",
  "amber+strict": "AMBER+STRICT",
  red: "RED",
  // Chatham House: the content may travel, its source may not. Titles name the source.
  "ex:chr": "RED",
};

/** The mark in words such as `tlp:amber` or `white`; undefined where there is none. */
export const tlpOf = (text: string | null | undefined): Tlp | undefined =>
  SPELLINGS[
    (text ?? "")
      .trim()
      .toLowerCase()
      .replace(/^tlp:\s*/, "")
  ];

/** The marking definitions of TLP 1 and TLP 2, which are the same everywhere and need not be sent along. */
const MARKINGS: Record<string, Tlp> = {
  "613f2e26-407d-48c7-9eca-b8e91df99dc9": "CLEAR",
  "34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
  "f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
  "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
  "94868c89-83c2-464b-929b-a1a8aa3c8487": "CLEAR",
  "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "GREEN",
  "55d920b0-5e8b-4f79-9ee9-91f868d9b421": "AMBER",
  "939a9414-2ddd-4d32-a0cd-375ea402b003": "AMBER+STRICT",
  "e828b379-4e03-4974-9ac4-e53a884c97c1": "RED",
};

/** The mark that a `marking-definition--…` id stands for. */
export const tlpOfMarking = (id: string): Tlp | undefined => MARKINGS[id.replace(/^marking-definition--/, "")];
