const levels = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof levels)[number];
export type LogFields = Record<string, unknown>;

/** What the host has to say: a fixed short message and fields, never a payload or a secret. */
export type Log = Record<LogLevel, (message: string, fields?: LogFields) => void>;

export function isLogLevel(text: string): text is LogLevel {
  return (levels as readonly string[]).includes(text);
}

/**
 * Writes a line per message from `lowest` up; warnings and errors to stderr, so that stdout can be piped away. Whoever
 * asks for `debug` also gets the stacks of errors.
 */
export function consoleLog(lowest: LogLevel = "info"): Log {
  const writeAt = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (levels.indexOf(level) < levels.indexOf(lowest)) return;
    const stream = level === "warn" || level === "error" ? process.stderr : process.stdout;
    const stacks = lowest === "debug" ? stacksOf(fields) : "";
    stream.write(`${new Date().toISOString()} ${level.padEnd(5)} ${message}${formatFields(fields)}\n${stacks}`);
  };
  return { debug: writeAt("debug"), info: writeAt("info"), warn: writeAt("warn"), error: writeAt("error") };
}

export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** The message of anything thrown, without its stack. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}

function formatFields(fields: LogFields = {}): string {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined);
  return shown.map(([name, value]) => ` ${name}=${formatValue(value)}`).join("");
}

function stacksOf(fields: LogFields = {}): string {
  const errors = Object.values(fields).filter((value) => value instanceof Error);
  return errors.map(({ stack }) => `${stack}\n`).join("");
}

/** One line per message, whatever a value holds: text with spaces or line breaks is quoted. */
function formatValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(messageOf(value));
  if (typeof value === "string" && /^[\w.:/@%+-]+$/.test(value)) return value;
  return JSON.stringify(value) ?? "undefined";
}

function ignore(): void {}
