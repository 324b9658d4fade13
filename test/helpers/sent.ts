import type { Send } from "../../shared/defender/send.ts";

/**
 * A way to Defender that only notes what would be sent, and answers with what it is given: for tests of what a client
 * puts into a request.
 */
export function notedSend(answer: unknown = { value: [] }) {
  const bodies: unknown[] = [];
  const send = (async (_call: unknown, { body }: { body?: object }) => {
    bodies.push(body);
    return answer;
  }) as Send;
  return { bodies, send };
}
