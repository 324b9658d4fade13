import { AggregateAuthenticationError, AuthenticationError, CredentialUnavailableError } from "@azure/identity";
import { describe, expect, test } from "vitest";
import { SignInError, toSignInError } from "../../../../shared/defender/identity/sign-in-error.ts";

const about = { scope: "https://api.securitycenter.microsoft.com/.default" };
const refusal = (status: number, number: number, error = "invalid_client") =>
  new AuthenticationError(status, { error, error_description: `AADSTS${number}: Entra's own words. Trace ID: t-1` });

const numbers = [
  ...[50013, 50076, 50079, 53003, 65001, 70021, 90002, 500011, 500131, 500133],
  ...[700016, 700027, 700211, 700212, 700213, 7000215, 7000222],
];

test.each(numbers)("turns AADSTS%i into advice, with Entra's own words and the scope", (number) => {
  const error = toSignInError(refusal(400, number), about);

  expect(error).toBeInstanceOf(SignInError);
  expect(error).toMatchObject({ code: `AADSTS${number}` });
  expect(error.message).toContain("Entra's own words. Trace ID: t-1");
  expect(error.message).toContain(about.scope);
  expect(error.message).not.toMatch(/undefined|^Entra refuses the sign-in/);
});

test("names application and tenant, where they are known", () => {
  const error = toSignInError(refusal(401, 7000222), { ...about, clientId: "app-1", tenantId: "tenant-1" });

  expect(error.message).toMatch(/secret of application app-1 has expired.* as app-1 in tenant tenant-1/);
});

test.each([
  ["throttling", refusal(429, 90055)],
  ["an overload", refusal(503, 90033, "temporarily_unavailable")],
  ["a fault without a number", new AuthenticationError(500, "<html>Bad gateway</html>")],
  ["a network that is down", new CredentialUnavailableError("ManagedIdentityCredential: network_error: no route")],
  ["an identity endpoint that fails", new CredentialUnavailableError("failed", { cause: { status: 503 } })],
  ["a cause nobody knows", "something odd"],
])("leaves %s to be tried again", (_, cause) => {
  const error = toSignInError(cause, about);

  expect(error).not.toBeInstanceOf(SignInError);
  expect(error.message).toContain(about.scope);
});

test("says what to do where nobody is signed in", () => {
  const nobody = new CredentialUnavailableError("Azure CLI could not be found.");

  expect(toSignInError(new AggregateAuthenticationError([nobody]), about)).toMatchObject({
    code: "IdentityUnavailable",
    message: expect.stringMatching(/az login/),
  });
});

describe.each([
  ["a refusal", "AADSTS50013: Assertion failed"],
  ["trouble", "Something failed"],
])("the message about %s", (_, text) => {
  test("never repeats a token, even where the library does", () => {
    const { message } = toSignInError(new Error(`${text} for eyJhbGciOiJ.eyJzdWIi.c2lnbmF0dXJl`), about);

    expect(message).not.toContain("eyJ");
  });
});
