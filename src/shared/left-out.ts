import { z } from 'zod';

type Plain<T> =
  T extends z.ZodDefault<infer Inner extends z.ZodType>
    ? Inner
    : T extends z.ZodPrefault<infer Inner extends z.ZodType>
      ? Inner
      : T;
type LeftOut<S extends z.ZodRawShape> = { [K in keyof S]: z.ZodOptional<Plain<S[K]>> };

/**
 * An object of the same fields, each of which may be left out and none of which is filled in: what a
 * request gives of settings that are completed where more is known.
 */
export function leftOut<S extends z.ZodRawShape>(fields: S): z.ZodObject<LeftOut<S>> {
  const shape = Object.entries(fields).map(([name, field]) => {
    const plain =
      field instanceof z.ZodDefault || field instanceof z.ZodPrefault ? field.unwrap() : field;
    return [name, z.optional(plain)];
  });
  return z.object(Object.fromEntries(shape) as LeftOut<S>);
}
