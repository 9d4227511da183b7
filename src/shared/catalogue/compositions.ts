import { z } from 'zod';
import { refuse } from '../errors';

/** A saliency method as a tree: operators by their ids, each around the next. */
export type Composition =
  { readonly op: string } | { readonly op: string; readonly of: Composition };

const spelling = 'an operator, or operators around it: integrate(smooth(gradient))';

/**
 * Read `integrate(smooth(gradient))`; which operators there are is the catalogue's to say. Throws
 * `invalid-input` naming the field `composition`.
 */
export function parseComposition(text: string): Composition {
  const spelled = text.replaceAll(/\s/g, '');
  const read = (part: string): Composition => {
    const found = /^([a-z][a-z0-9-]*)(?:\((.+)\))?$/.exec(part);
    const [, op, of] = found ?? [];
    if (op === undefined) throw refuse('composition', text, spelling);
    return of === undefined ? { op } : { op, of: read(of) };
  };
  return read(spelled);
}

export function formatComposition(composition: Composition): string {
  return 'of' in composition
    ? `${composition.op}(${formatComposition(composition.of)})`
    : composition.op;
}

/** An operator in wrappers, the innermost first. */
export function wrapped(inner: string, wrappers: readonly string[]): Composition {
  return wrappers.reduce<Composition>((of, op) => ({ op, of }), { op: inner });
}

/** The operators of a composition, outermost first. */
export function operatorsOf(composition: Composition): readonly string[] {
  return 'of' in composition ? [composition.op, ...operatorsOf(composition.of)] : [composition.op];
}

/** A composition as text on the wire, in its canonical spelling. */
export const compositionTextSchema = z.string().transform((text, context) => {
  try {
    return formatComposition(parseComposition(text));
  } catch {
    context.addIssue({ code: 'custom', message: `accepted: ${spelling}` });
    return z.NEVER;
  }
});
