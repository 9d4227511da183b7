import { z } from 'zod';
import { compositionTextSchema } from './compositions';

const methodGroups = ['individual', 'combination', 'control', 'composed'] as const;

/** One saliency method: what the UI, the tables and the engine know of it. */
export const methodSchema = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
  /** As in the paper's tables, with * for its proposals. */
  name: z.string().min(1).max(80),
  composition: compositionTextSchema,
  /** The paper's panels: individual methods left, combinations right; controls in both. */
  group: z.enum(methodGroups),
  /** The paper's equations. */
  equations: z.string(),
});

export type Method = z.infer<typeof methodSchema>;

const method = (
  id: string,
  name: string,
  composition: string,
  group: Method['group'],
  equations: string,
): Method => ({ id, name, composition, group, equations });

/** The nine, in the order of Tables I and II. */
export const paperMethods: readonly Method[] = [
  method('vanilla-gradient', 'Vanilla Gradient', 'gradient', 'individual', 'Eq. 1'),
  method('grad-x-input', 'Grad × Input', 'times-input(gradient)', 'individual', 'Sec. IV'),
  method('smoothgrad', 'SmoothGrad', 'smooth(gradient)', 'individual', 'Eq. 2'),
  method(
    'integrated-gradients',
    'Integrated Gradients',
    'integrate(gradient)',
    'individual',
    'Eq. 3',
  ),
  method('guided-backprop', 'Guided Backprop', 'guided', 'individual', 'Eqs. 4, 5'),
  method(
    'smoothed-integrated-gradients',
    'Smoothed Integrated Gradients',
    'smooth(integrate(gradient))',
    'combination',
    'Eq. 6',
  ),
  method(
    'smoothed-guided-backprop',
    'Smoothed Guided Backprop',
    'smooth(guided)',
    'combination',
    'Eq. 7',
  ),
  method(
    'integrated-smoothgrad',
    'Integrated SmoothGrad*',
    'integrate(smooth(gradient))',
    'combination',
    'Eq. 8',
  ),
  method(
    'integrated-guided-backprop',
    'Integrated Guided Backprop*',
    'integrate(guided)',
    'combination',
    'Eq. 9',
  ),
];

/** Of the field, beside the paper's. */
const otherMethods: readonly Method[] = [
  method('vargrad', 'VarGrad', 'variance(gradient)', 'individual', ''),
];

/** Controls: a map that knows nothing of the model, and one that knows only the image's edges. */
const controlMethods: readonly Method[] = [
  method('random', 'Random', 'random', 'control', ''),
  method('sobel', 'Sobel edges', 'sobel', 'control', ''),
];

export const builtInMethods: readonly Method[] = [
  ...paperMethods,
  ...otherMethods,
  ...controlMethods,
];
export const randomMethodId = 'random';

/** The id that a composed method gets: its composition with hyphens. */
export function composedMethodId(composition: string): string {
  return `composed-${composition.replaceAll(/[()]+/g, '-').replace(/-$/, '')}`;
}
