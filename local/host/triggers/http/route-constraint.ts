type Accepts = (value: string) => boolean;

const wholeNumber = /^[+-]?\d+$/;
const realNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The constraints a route parameter can have, as `{id:int}` or `{name:length(2,10)}`. */
const constraints: Record<string, (first: string, second: string | undefined) => Accepts> = {
  int: () => (value) => isWithin(value, -(2n ** 31n), 2n ** 31n - 1n),
  long: () => (value) => isWithin(value, -(2n ** 63n), 2n ** 63n - 1n),
  bool: () => (value) => /^(true|false)$/i.test(value),
  guid: () => (value) => /^[{(]?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}[)}]?$/i.test(value),
  alpha: () => (value) => /^[a-z]+$/i.test(value),
  decimal: () => (value) => realNumber.test(value),
  double: () => (value) => realNumber.test(value),
  float: () => (value) => realNumber.test(value),
  datetime: () => (value) => /\d/.test(value) && !Number.isNaN(Date.parse(value)),
  required: () => (value) => value !== "",
  minlength: (least) => (value) => value.length >= Number(least),
  maxlength: (most) => (value) => value.length <= Number(most),
  length: (least, most) => (value) => value.length >= Number(least) && value.length <= Number(most ?? least),
  min: (least) => (value) => wholeNumber.test(value) && BigInt(value) >= BigInt(least),
  max: (most) => (value) => wholeNumber.test(value) && BigInt(value) <= BigInt(most),
  range: (least, most) => (value) => isWithin(value, BigInt(least), BigInt(most ?? least)),
};

/**
 * The check behind one constraint of a route parameter.
 *
 * @throws Error when there is no such constraint
 * @see https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
 */
export function constraint(kind: string, argument = ""): Accepts {
  if (kind === "regex") {
    const pattern = new RegExp(argument, "i");
    return (value) => pattern.test(value);
  }
  const make = Object.hasOwn(constraints, kind) ? constraints[kind] : undefined;
  if (!make) throw new Error(`the route constraint "${kind}" is not known`);
  const [first = "", second] = argument.split(",").map((part) => part.trim());
  return make(first, second);
}

function isWithin(value: string, least: bigint, most: bigint): boolean {
  if (!wholeNumber.test(value)) return false;
  const number = BigInt(value.replace("+", ""));
  return number >= least && number <= most;
}
