import { z } from "zod";

/** Microsoft Graph, signed in as the administrator who runs the script. */
export interface Graph {
  get<T extends z.ZodType>(path: string, answer: T): Promise<z.output<T> | undefined>;
  post<T extends z.ZodType>(path: string, body: unknown, answer: T): Promise<z.output<T>>;
  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<void>;
}

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/**
 * @param url e.g. `https://graph.microsoft.com/v1.0`
 * @returns a client whose `get` gives nothing for what is not there
 * @throws Error by each call, with Graph's own words and never the token
 */
export function connectGraph(url: string, token: () => Promise<string>): Graph {
  async function send(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const authorization = `Bearer ${await token()}`;
    const answer = await fetch(url + path, {
      method,
      headers: { authorization, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await answer.text();
    if (answer.ok) return text === "" ? undefined : (JSON.parse(text) as unknown);
    if (answer.status === 404 && method === "GET") return undefined;
    throw new Error(`Graph refused ${method} ${path} with ${answer.status}: ${wordsOf(text)}`);
  }
  return {
    async get(path, answer) {
      const found = await send("GET", path);
      return found === undefined ? undefined : answer.parse(found);
    },
    post: async (path, body, answer) => answer.parse(await send("POST", path, body)),
    patch: async (path, body, headers) => void (await send("PATCH", path, body, headers)),
  };
}

function wordsOf(text: string): string {
  try {
    const { error } = Refusal.parse(JSON.parse(text));
    return `${error.code}: ${error.message}`;
  } catch {
    return text.slice(0, 200);
  }
}
