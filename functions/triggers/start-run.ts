import { randomUUID } from "node:crypto";
import type { HttpRequest } from "@azure/functions";
import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import type { DecisionLog } from "../../shared/intake/decision-log.ts";
import { Mode } from "../../shared/mode.ts";
import type { Playbook } from "../../shared/playbook.ts";
import { requestedRunId } from "../../shared/runs/run-id.ts";
import { splitStart } from "../../shared/runs/run-input.ts";
import { logLine } from "../log-line.ts";
import { createRunControl, findStatus } from "../run-control.ts";
import { Problem, readJsonObject, registerRoute } from "./http.ts";
import type { RequesterOf } from "./requester.ts";

/**
 * `POST /api/playbooks/{name}/runs` starts a run and answers 202 with its address.
 *
 * Whoever sends an Entra token beside the function key is kept as its requester, who approves none of its steps.
 * With `?mode=shadow` it only records what it would have done; with `?mode=ask` it leaves to a person what would contain.
 * With an `Idempotency-Key` the call is safe to repeat: the same key gives the same run. The same key with other
 * parameters is refused, as one of the two callers would be told about the wrong run. A run that is about an alert is kept
 * beside what intake decided about that alert.
 */
export function registerStartRun(
  playbooks: ReadonlyMap<string, Playbook>,
  requesterOf: RequesterOf,
  services: { decisions: DecisionLog; tenantId: string },
): void {
  registerRoute({
    name: "startRun",
    method: "POST",
    route: "playbooks/{name}/runs",
    async handle(request, client, context) {
      const playbook = findPlaybook(playbooks, request.params.name ?? "");
      const input = checkParameters(playbook, await readJsonObject(request));
      const mode = modeOf(request);
      const requestedBy = await requesterOf(request);
      const runId = requestedRunId(playbook.name, idempotencyKey(request));

      const outcome = await createRunControl(client).startOnce(playbook.name, runId, input, { mode, requestedBy });
      if (outcome === "duplicate" && !sameRequest((await findStatus(client, runId))?.input, { input, mode })) {
        const detail = "Use a new Idempotency-Key for a new request.";
        throw new Problem(422, "This Idempotency-Key was used with other parameters", detail);
      }
      await recordRequest(services, { playbook: playbook.name, runId, mode, input });
      context.info(logLine("run requested", { runId, playbook: playbook.name, mode, outcome }));
      const address = `/api/runs/${runId}`;
      return {
        status: 202,
        headers: { location: address },
        jsonBody: { runId, playbook: playbook.name, mode, address },
      };
    },
  });
}

const OfAlert = z.object({ alertId: AlertId, tenantId: z.string().optional() });

async function recordRequest(
  { decisions, tenantId }: { decisions: DecisionLog; tenantId: string },
  { playbook, runId, mode, input }: { playbook: string; runId: string; mode: Mode; input: unknown },
): Promise<void> {
  const about = OfAlert.safeParse(input).data;
  if (!about) return;
  const reason = `${playbook} was asked for${mode === "act" ? "" : ` in mode ${mode}`}`;
  const asked = { verdict: "run", rule: `request ${runId}`, reason, runId, ...(mode !== "act" && { mode }) } as const;
  await decisions.record({ alertId: about.alertId, tenantId: about.tenantId ?? tenantId, ...asked });
}

function modeOf({ query }: HttpRequest): Mode {
  const mode = Mode.safeParse(query.get("mode") ?? "act").data;
  if (mode) return mode;
  throw new Problem(400, "mode cannot be used", `Give one of ${Mode.options.join(", ")}, or none.`);
}

function findPlaybook(playbooks: ReadonlyMap<string, Playbook>, name: string): Playbook {
  const playbook = playbooks.get(name);
  if (playbook) return playbook;
  throw new Problem(404, `There is no playbook named "${name}"`, `There are: ${[...playbooks.keys()].join(", ")}.`);
}

function checkParameters(playbook: Playbook, body: unknown): unknown {
  const { data, error } = playbook.input.safeParse(body);
  if (error) throw new Problem(400, `The parameters do not fit ${playbook.name}`, z.prettifyError(error));
  return JSON.parse(JSON.stringify(data));
}

function idempotencyKey(request: HttpRequest): string {
  const key = request.headers.get("idempotency-key");
  if (key === null) return randomUUID();
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem(400, "The Idempotency-Key cannot be used", "Send 1 to 255 printable characters without blanks.");
}

/** Durable gives the input back as it was stored; neither the order of keys nor who asks is part of it. */
function sameRequest(stored: unknown, given: { input: unknown; mode: Mode }): boolean {
  const { input, mode } = splitStart(stored);
  return canonical({ input, mode }) === canonical(given);
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
