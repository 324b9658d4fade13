import { describe, expect, test } from "vitest";
import { parseFilter } from "../../../local/defender/api/odata-filter.ts";

const filterable = {
  riskScore: "text",
  computerDnsName: "text",
  lastSeen: "time",
  rbacGroupId: "number",
  machineTags: "texts",
  isAadJoined: "boolean",
} as const;
const rows = [
  {
    riskScore: "High",
    computerDnsName: "web-1.contoso.example",
    lastSeen: "2026-01-05T09:00:00.1000000Z",
    rbacGroupId: 1,
    machineTags: ["critical", "web"],
    isAadJoined: true,
  },
  {
    riskScore: "Low",
    computerDnsName: "web-2.contoso.example",
    lastSeen: "2026-01-05T09:00:00.1000001Z",
    rbacGroupId: 2,
  },
  { riskScore: null, computerDnsName: "o'brien-laptop", lastSeen: "2026-01-06T00:00:00.0000000Z", rbacGroupId: 3 },
];
const found = (filter: string) => {
  const { matches } = parseFilter(filter, filterable);
  return rows.filter(matches).map(({ rbacGroupId }) => rbacGroupId);
};

describe("a filter", () => {
  test.each([
    ["riskScore eq 'High'", [1]],
    ["RISKSCORE EQ 'High'", [1]],
    ["riskScore ne 'High'", [2, 3]],
    ["riskScore eq null", [3]],
    ["rbacGroupId ge 2 and rbacGroupId lt 3", [2]],
    ["rbacGroupId eq 1 or rbacGroupId eq 3", [1, 3]],
    ["riskScore eq 'Low' or riskScore eq 'High' and rbacGroupId gt 1", [2]],
    ["(riskScore eq 'Low' or riskScore eq 'High') and rbacGroupId le 1", [1]],
    ["not (rbacGroupId eq 2)", [1, 3]],
    ["startswith(computerDnsName,'web-')", [1, 2]],
    ["machineTags/any(tag: tag eq 'critical' or startswith(tag,'cri'))", [1]],
    ["MachineTags/any(t: t eq 'web') and riskScore eq 'High'", [1]],
    ["not machineTags/any(t:t eq 'web')", [2, 3]],
    ["isAadJoined eq true", [1]],
    ["startswith( computerDnsName , 'o''b' )", [3]],
    ["computerDnsName eq 'o''brien-laptop'", [3]],
    ["lastSeen gt 2026-01-05T09:00:00.1000000Z", [2, 3]],
    ["lastSeen le 2026-01-05T10:00:00.1+01:00", [1]],
    ["lastSeen ge 2026-01-06T00:00:00Z", [3]],
  ])("%s finds %j", (filter, expected) => {
    expect(found(filter)).toEqual(expected);
  });

  test.each([
    ["riskScore", "it ends too early"],
    ["riskScore eq High", "single quotes"],
    ["riskScore is 'High'", "'is' is not a comparison"],
    ["riskScore eq 'High", "it cannot be read"],
    ["riskScore eq 'High' rbacGroupId eq 1", "it should end before 'rbacGroupId'"],
    ["(riskScore eq 'High'", "it ends too early|')' is missing"],
    ["isolated eq 'true'", "there is no property 'isolated'"],
    ["lastSeen ge '2026-01-06T00:00:00Z'", "holds a time and is compared with a text"],
    ["riskScore/any(t: t eq 'High')", "'riskScore' is not a list"],
    ["machineTags/any(t: riskScore eq 'High')", "there is no property 'riskScore'"],
    ["isAadJoined eq 'true'", "holds a boolean and is compared with a text"],
    ["contains(computerDnsName,'web')", "there is no property 'contains'"],
  ])("%s is refused", (filter, reason) => {
    expect(() => parseFilter(filter, filterable)).toThrow(new RegExp(reason.replaceAll(")", "\\)")));
  });

  test.each([
    ["riskScore eq 'High'", ["High"]],
    ["rbacGroupId eq 1 and riskScore eq 'High' and (rbacGroupId eq 1 or rbacGroupId eq 2)", ["High"]],
    ["(riskScore eq 'High' or riskScore eq 'Low') and rbacGroupId gt 1", ["High", "Low"]],
    ["riskScore eq 'High' or rbacGroupId eq 1", undefined],
    ["not riskScore eq 'High'", undefined],
    ["riskScore ne 'High'", undefined],
  ])("%s leaves %j possible as risk score", (filter, values) => {
    expect(parseFilter(filter, filterable).possible("riskScore")).toEqual(values && new Set(values));
  });
});
