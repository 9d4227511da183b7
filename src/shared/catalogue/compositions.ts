import { z } from 'zod';
import { refuse } from '../errors';

/** A saliency method as a tree: one base attribution under any of three wrappers, or a control. */
export type Composition =
  | { readonly op: 'gradient' }
  | { readonly op: 'guided' }
  | { readonly op: 'random' }
  | { readonly op: 'sobel' }
  | { readonly op: 'times-input'; readonly of: Composition }
  | { readonly op: 'smooth'; readonly of: Composition }
  | { readonly op: 'integrate'; readonly of: Composition };

export const bases = ['gradient', 'guided'] as const;
export const controls = ['random', 'sobel'] as const;
export const wrappers = ['times-input', 'smooth', 'integrate'] as const;
export type Wrapper = (typeof wrappers)[number];

const grammar =
  'gradient or guided, wrapped in any of times-input(…), smooth(…), integrate(…) at most once each; or random; or sobel';

/** Read `integrate(smooth(gradient))`. Throws `invalid-input` naming the field `composition`. */
export function parseComposition(text: string): Composition {
  const seen = new Set<string>();
  const read = (part: string): Composition => {
    for (const op of bases) if (part === op) return { op };
    for (const op of controls) if (part === op && seen.size === 0) return { op };
    for (const op of wrappers) {
      if (part.startsWith(`${op}(`) && part.endsWith(')') && !seen.has(op)) {
        seen.add(op);
        return { op, of: read(part.slice(op.length + 1, -1)) };
      }
    }
    throw refuse('composition', text, grammar);
  };
  return read(text.replaceAll(/\s/g, ''));
}

export function formatComposition(composition: Composition): string {
  return 'of' in composition
    ? `${composition.op}(${formatComposition(composition.of)})`
    : composition.op;
}

/** The operators of a composition, outermost first. */
export function operatorsOf(composition: Composition): readonly Composition['op'][] {
  return 'of' in composition ? [composition.op, ...operatorsOf(composition.of)] : [composition.op];
}

/** Gradients per image: n for every smooth times steps for every integrate; 0 for the controls. */
export function gradientsPerImage(
  composition: Composition,
  parameters: { n: number; steps: number },
): number {
  let count = 1;
  for (const op of operatorsOf(composition)) {
    if (op === 'smooth') count *= parameters.n;
    if (op === 'integrate') count *= parameters.steps;
    if (op === 'random' || op === 'sobel') count = 0;
  }
  return count;
}

/** A composition as text on the wire, checked and in its canonical spelling. */
export const compositionTextSchema = z.string().transform((text, context) => {
  try {
    return formatComposition(parseComposition(text));
  } catch {
    context.addIssue({ code: 'custom', message: `accepted: ${grammar}` });
    return z.NEVER;
  }
});
