import { expect, test } from "vitest";
import { problemsOfTickets, ticketSettings } from "../../../shared/tickets/ticket-settings.ts";

test("needs nothing for the built-in tickets", () => {
  expect(problemsOfTickets({})).toEqual([]);
  expect(ticketSettings({ TICKET_SYSTEM: "built-in" })).toBeUndefined();
});

test("names everything that a ticket system lacks", () => {
  expect(problemsOfTickets({ TICKET_SYSTEM: "jira" }).map((line) => line.split(":")[0])).toEqual([
    "TICKET_URL",
    "TICKET_SECRET",
    "TICKET_USER",
    "TICKET_PROJECT",
  ]);
  expect(problemsOfTickets({ TICKET_SYSTEM: "github", TICKET_SECRET: "s", TICKET_PROJECT: "tickets" })).toEqual([
    "TICKET_PROJECT: is not a repository like owner/name",
  ]);
});

test("reads what severities are called, and refuses what cannot be read", () => {
  const given = {
    TICKET_SYSTEM: "jira",
    TICKET_URL: "https://a.test",
    TICKET_SECRET: "s",
    TICKET_USER: "u",
    TICKET_PROJECT: "P",
  };
  expect(ticketSettings({ ...given, TICKET_PRIORITIES: "High=Highest, Low = Lowest" })?.priorities).toEqual({
    High: "Highest",
    Low: "Lowest",
  });
  expect(problemsOfTickets({ ...given, TICKET_PRIORITIES: "High" })).toHaveLength(1);
});
