/** What the library makes its `TaskFailedError` of. */
interface FailureDetails {
  ErrorType: string;
  ErrorMessage: string;
  StackTrace: string;
  IsNonRetriable: boolean;
  Properties?: Record<string, unknown>;
}

/** A failure of an activity as the history keeps it: for the library, and in the older form for what reads the history. */
export function failureFields(name: string, thrown: unknown): Record<string, unknown> {
  const details = detailsOf(thrown instanceof Error ? thrown : new Error(String(thrown)));
  return {
    Reason: `Activity function '${name}' failed:  ${details.ErrorMessage}`,
    Details: details.StackTrace,
    FailureDetails: details,
  };
}

/** The failure of an orchestration as the history of the one that called it keeps it. */
export function childFailureFields(reason: string): Record<string, unknown> {
  const details: FailureDetails = { ErrorType: "Error", ErrorMessage: reason, StackTrace: "", IsNonRetriable: false };
  return { Reason: reason, Details: "", FailureDetails: details };
}

const LONGEST_STACK = 4_000;

function detailsOf(error: Error): FailureDetails {
  const extended = readExtended(error.message);
  return {
    ErrorType: extended?.errorType ?? error.name,
    ErrorMessage: extended?.errorMessage ?? error.message,
    StackTrace: (extended?.stackTrace ?? error.stack ?? "").slice(0, LONGEST_STACK),
    IsNonRetriable: extended?.isNonRetriable ?? false,
    ...(extended && { Properties: extended.properties }),
  };
}

/** An app that gives its errors properties gets them, and the rest of the error, written into the message as JSON. */
interface ExtendedError {
  errorType: string;
  errorMessage: string;
  isNonRetriable: boolean;
  properties: Record<string, unknown>;
  stackTrace?: string;
}

function readExtended(message: string): ExtendedError | undefined {
  if (!message.startsWith('{"errorType":')) return undefined;
  try {
    const extended = JSON.parse(message) as ExtendedError;
    return typeof extended.errorMessage === "string" && "properties" in extended ? extended : undefined;
  } catch {
    return undefined;
  }
}
