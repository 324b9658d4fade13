import { z } from "zod";

/** A resource as a deployment would make it. What Azure alone can know stays an expression in square brackets. */
export const Resource = z.looseObject({ id: z.string(), type: z.string(), name: z.string() });
export type Resource = z.infer<typeof Resource>;

/** What Bicep foretells of a deployment: every resource of every module, conditions and loops worked out. */
export const Snapshot = z.object({ predictedResources: z.array(Resource), diagnostics: z.array(z.unknown()) });

/** A rule that every deployment keeps. The problems name the resource and what is wrong with it. */
export type Rule = (resources: readonly Resource[]) => string[];

/** A value inside a resource, by the names on the way to it. */
export const valueAt = (resource: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => Object(value)[key] as unknown, resource);

export const ofType = (resources: readonly Resource[], type: string): Resource[] =>
  resources.filter((resource) => resource.type === type);

/** Requires values of every resource of a type. */
export const requires =
  (type: string, wanted: Readonly<Record<string, unknown>>): Rule =>
  (resources) =>
    ofType(resources, type).flatMap((resource) =>
      Object.entries(wanted)
        .filter(([path, value]) => valueAt(resource, path) !== value)
        .map(([path, value]) => `${resource.name}: ${path} must be ${JSON.stringify(value)}`),
    );

/** Requires that there is a resource of a type at all. */
export const exists =
  (type: string): Rule =>
  (resources) =>
    ofType(resources, type).length > 0 ? [] : [`there is no ${type}`];
