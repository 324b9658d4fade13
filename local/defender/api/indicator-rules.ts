import { isIP } from "node:net";
import type { Settings } from "../state/settings.ts";
import { ApiError } from "./error.ts";
import { readList, readObject, readParameters } from "./parameters.ts";

/** An indicator as it is submitted, checked. */
export interface SubmittedIndicator {
  indicatorValue: string;
  indicatorType: string;
  action: string;
  title: string;
  description: string;
  application?: string;
  severity?: string;
  recommendedActions?: string;
  educateUrl?: string;
  externalId?: string;
  expirationTime?: string;
  generateAlert?: boolean;
  rbacGroupNames?: string[];
}

const OF_FILES = ["Allowed", "Audit", "Warn", "Block", "BlockAndRemediate", "Alert", "AlertAndBlock"];
const OF_NETWORK = ["Allowed", "Audit", "Warn", "Block", "Alert", "AlertAndBlock"];
const LEGACY = ["Alert", "AlertAndBlock"];

interface Type {
  isValid: (value: string) => boolean;
  code: string;
  actions: readonly string[];
}

const hash = (digits: number, actions = OF_FILES): Type => ({
  isValid: (value) => value.length === digits && /^[0-9a-f]+$/i.test(value),
  code: "InvalidHashValue",
  actions,
});

/** @see https://learn.microsoft.com/en-us/defender-endpoint/indicators-overview */
const types: Readonly<Record<string, Type>> = {
  FileSha1: hash(40),
  FileSha256: hash(64),
  FileMd5: hash(32),
  CertificateThumbprint: hash(40, ["Allowed", "BlockAndRemediate"]),
  IpAddress: { isValid: isSingleAddress, code: "InvalidIpAddress", actions: OF_NETWORK },
  DomainName: {
    isValid: (value) => /^(?=.{1,253}$)([\w-]{1,63}\.)+[a-z][a-z0-9-]*$/i.test(value),
    code: "InvalidDomainName",
    actions: OF_NETWORK,
  },
  Url: { isValid: isUrl, code: "InvalidUrl", actions: OF_NETWORK },
};

const required = { required: true } as const;

/**
 * Checks an indicator that somebody submits.
 *
 * @throws ApiError 400 with the reason, where Defender would not take it
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/post-ti-indicator
 */
export function readIndicator(body: unknown, now: number, settings: Settings): SubmittedIndicator {
  const { generateAlert, rbacGroupNames, ...texts } = readObject(body);
  const given = readParameters(texts, {
    indicatorValue: required,
    indicatorType: { required: true, oneOf: Object.keys(types) },
    action: { required: true, oneOf: [...OF_FILES] },
    title: required,
    description: required,
    application: {},
    severity: { oneOf: ["Informational", "Low", "Medium", "High"] },
    recommendedActions: {},
    educateUrl: {},
    externalId: {},
    expirationTime: {},
  }) as Partial<SubmittedIndicator> & Pick<SubmittedIndicator, "indicatorValue" | "indicatorType" | "action">;

  const { indicatorValue, indicatorType, action, expirationTime } = given;
  const type = types[indicatorType] as Type;
  if (!type.isValid(indicatorValue))
    throw new ApiError(400, type.code, `'${indicatorValue}' is not a ${indicatorType}.`);
  if (!type.actions.includes(action) || (LEGACY.includes(action) && !settings.legacyIndicatorActions)) {
    throw new ApiError(400, "InvalidInput", `The action '${action}' does not apply to a ${indicatorType}.`);
  }
  if (generateAlert !== undefined && typeof generateAlert !== "boolean") {
    throw new ApiError(400, "InvalidRequestBody", "'generateAlert' must be true or false.");
  }
  if (action === "Audit" && generateAlert !== true) {
    throw new ApiError(400, "InvalidInput", "'generateAlert' must be true when the action is Audit.");
  }
  if (expirationTime && !(Date.parse(expirationTime) > now)) {
    throw new ApiError(400, "InvalidInput", `'expirationTime' must be a time in the future, not ${expirationTime}.`);
  }
  const groups = rbacGroupNames ?? undefined;
  return {
    ...(given as SubmittedIndicator),
    ...(generateAlert !== undefined && { generateAlert }),
    ...(groups !== undefined && { rbacGroupNames: readList("rbacGroupNames", groups, 2000, 0) }),
  };
}

/** No ranges, and an IPv6 address with all of its eight groups. */
function isSingleAddress(value: string): boolean {
  const version = isIP(value);
  return version === 4 || (version === 6 && value.split(":").length === 8 && !value.includes("::"));
}

function isUrl(value: string): boolean {
  const written = /^https?:\/\//i.test(value) ? value : `https://${value}`;
  return !/\s/.test(value) && URL.canParse(written) && new URL(written).hostname.includes(".");
}
