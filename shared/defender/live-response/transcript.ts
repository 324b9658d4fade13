import { z } from "zod";
import { PermanentError } from "../../errors.ts";
import { parseExactJson } from "../../exact-json.ts";
import { WholeNumber } from "../whole-number.ts";

/**
 * What a script left behind. Its words come from the machine, which may be in hostile hands: they are data to show,
 * cleaned, and never to act on.
 *
 * An exit code other than 0 does not make the command a failed one for Defender; whoever runs a script looks at it.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result
 */
export const ScriptTranscript = z.looseObject({
  script_name: z.string().nullish(),
  exit_code: WholeNumber.nullish(),
  script_output: z.string().nullish(),
  script_errors: z.string().nullish(),
});
export type ScriptTranscript = z.infer<typeof ScriptTranscript>;

/** @throws PermanentError `UnreadableResult` for what is no transcript, such as a file */
export function readTranscript(content: Uint8Array): ScriptTranscript {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    return ScriptTranscript.parse(parseExactJson(text, { maxBytes: content.byteLength }));
  } catch (cause) {
    throw new PermanentError("UnreadableResult", "The result is not the transcript of a script", { cause });
  }
}
