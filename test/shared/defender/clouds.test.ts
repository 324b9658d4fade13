import { describe, expect, test } from "vitest";
import { CLOUDS, clouds, GEOS, servicesOf } from "../../../shared/defender/clouds.ts";

const GOVERNMENT = CLOUDS.filter((name) => name !== "commercial");

describe.each(CLOUDS)("the cloud %s", (name) => {
  test("has an https address without a slash at its end, and a scope, for every service", () => {
    for (const { apiUrl, scope } of Object.values(clouds[name].services)) {
      expect(apiUrl).toMatch(/^https:\/\/[\w.-]+$/);
      expect(scope).toMatch(/^https:\/\/[\w.-]+\/\.default$/);
    }
  });

  test("asks Graph for a token of the Graph it calls, as no other Graph takes it", () => {
    const { apiUrl, scope } = clouds[name].services.graph;

    expect(scope).toBe(`${apiUrl}/.default`);
  });
});

test("Defender for Endpoint is called at one host with a token for another, in the commercial cloud", () => {
  expect(clouds.commercial.services.defender).toEqual({
    apiUrl: "https://api.security.microsoft.com",
    scope: "https://api.securitycenter.microsoft.com/.default",
  });
});

test.each(GEOS)("the geography %s changes hosts only, never what tokens are asked for", (geo) => {
  const [near, usual] = [servicesOf("commercial", geo), servicesOf("commercial")];

  expect(near.defender).toEqual({ ...usual.defender, apiUrl: `https://${geo}.api.security.microsoft.com` });
  expect(near.xdr.scope).toBe(usual.xdr.scope);
  expect(near.graph).toEqual(usual.graph);
});

test("Defender XDR has hosts of its own naming near three geographies", () => {
  const near = GEOS.filter(
    (geo) => servicesOf("commercial", geo).xdr.apiUrl === `https://api-${geo}.security.microsoft.com`,
  );

  expect(near).toEqual(["us", "eu", "uk"]);
});

test.each(GOVERNMENT)("nothing of Defender in %s is called at a commercial host", (name) => {
  const { defender, xdr } = servicesOf(name);

  expect([defender.apiUrl, xdr.apiUrl]).toEqual([
    expect.stringMatching(/\.securitycenter\.microsoft\.us$/),
    expect.stringMatching(/\.security\.microsoft\.us$/),
  ]);
});

test("GCC signs in where commercial tenants do, GCC High and DoD at the government's own sign-in service", () => {
  const hosts = CLOUDS.map((name) => [name, new URL(clouds[name].authorityHost).hostname]);

  expect(Object.fromEntries(hosts)).toEqual({
    commercial: "login.microsoftonline.com",
    gcc: "login.microsoftonline.com",
    "gcc-high": "login.microsoftonline.us",
    dod: "login.microsoftonline.us",
  });
});
