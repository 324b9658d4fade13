import type { FunctionApp, RegisteredFunction } from "../worker/types.ts";

/** The Durable functions of an app, by name without regard to case. */
export interface Functions {
  orchestration(name: string): RegisteredFunction | undefined;
  activity(name: string): RegisteredFunction | undefined;
  entity(name: string): RegisteredFunction | undefined;
}

export function durableFunctions(app: FunctionApp): Functions {
  const byType = (type: string) => {
    const own = [...app.functions.values()].filter(({ trigger }) => trigger.type.toLowerCase() === type);
    const byName = new Map(own.map((fn) => [fn.name.toLowerCase(), fn]));
    return (name: string) => byName.get(name.toLowerCase());
  };
  return {
    orchestration: byType("orchestrationtrigger"),
    activity: byType("activitytrigger"),
    entity: byType("entitytrigger"),
  };
}
