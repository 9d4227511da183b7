import { z } from 'zod';
import { modelIdSchema } from '../ids';
import { compositionTextSchema } from './compositions';
import { datasetIdSchema } from './datasets';

const methodGroups = ['individual', 'combination', 'control', 'composed', 'imported'] as const;

/** What a person says of where a method is from; empty: nothing. */
export const methodCitationSchema = z
  .string('a citation')
  .overwrite((text) => text.normalize('NFC').trim())
  .max(4000, 'a citation of at most 4,000 characters');

/** What is known of maps that were made elsewhere. */
const importedMapsSchema = z.object({
  dataset: datasetIdSchema,
  /** The model that they are of, whose runs alone take them; null: any of the dataset. */
  model: modelIdSchema.nullable(),
  /** Empty: nothing. */
  citation: z.string(),
  /** The file that they came in. */
  file: z.string(),
  /** How many images of each split they cover; 0 where the maps themselves are not here. */
  train: z.int().nonnegative(),
  validation: z.int().nonnegative(),
});
export type ImportedFacts = z.infer<typeof importedMapsSchema>;

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
  /** Of maps that were made elsewhere. */
  imported: importedMapsSchema.optional(),
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

/** Of the field, beside the paper's: of gradients, and with algorithms of their own. */
const otherGradients: readonly Method[] = [
  method('vargrad', 'VarGrad', 'variance(gradient)', 'individual', ''),
];
const otherMethods: readonly Method[] = [
  method('smoothgrad-squared', 'SmoothGrad Squared', 'mean-square(gradient)', 'individual', ''),
  method('grad-cam', 'Grad-CAM', 'grad-cam', 'individual', ''),
  method('occlusion', 'Occlusion', 'occlusion', 'individual', ''),
  method('rise', 'RISE', 'rise', 'individual', ''),
];

/** Controls: a map that knows nothing of the model, and one that knows only the image's edges. */
const controlMethods: readonly Method[] = [
  method('random', 'Random', 'random', 'control', ''),
  method('sobel', 'Sobel edges', 'sobel', 'control', ''),
];

export const builtInMethods: readonly Method[] = [
  ...paperMethods,
  ...otherGradients,
  ...otherMethods,
  ...controlMethods,
];

/** Those that maps are first shown by: RISE alone takes as many scores as all of these. */
export const firstMethods: readonly Method[] = [
  ...paperMethods,
  ...otherGradients,
  ...controlMethods,
];
export const randomMethodId = 'random';

/** The id that a composed method gets: its composition with hyphens. */
export function composedMethodId(composition: string): string {
  return `composed-${composition.replaceAll(/[()]+/g, '-').replace(/-$/, '')}`;
}

/** In place of a composition: maps that were made elsewhere, by the sha256 of their content. */
const importedComposition = /^imported-[0-9a-f]{64}$/;

export const isImportedComposition = (composition: string): boolean =>
  importedComposition.test(composition);

export const compositionOfMaps = (sha256: string): string => `imported-${sha256}`;

/** The id of maps that were made elsewhere: equal maps have one everywhere, whatever they are called. */
export const importedMethodId = (composition: string): string => composition;

/** The 16 digits that ids began with, and were at first: enough for a person to name one by. */
export const shortMethodId = (id: string): string =>
  isImportedMethod(id) ? id.slice(0, 'imported-'.length + 16) : id;

/** What a method is, in a line: a composition, or where its maps came from. */
export function methodFormula({
  composition,
  imported,
}: Pick<Method, 'composition' | 'imported'>): string {
  return imported === undefined ? composition : `maps from ${imported.file}`;
}

/** Whether an id is that of maps that were made elsewhere. */
export const isImportedMethod = (id: string): boolean =>
  /^imported-[0-9a-f]{16}([0-9a-f]{48})?$/.test(id);

/** A name as tables and figures show it: with a mark where its maps were made elsewhere, as `LIME†`. */
export const markedName = ({ id, name }: Pick<Method, 'id' | 'name'>): string =>
  isImportedMethod(id) ? `${name}†` : name;

/** What the mark says, below what shows it: of which file the maps are, and whom to cite. */
export function importedNotes(
  methods: readonly (Pick<Method, 'id' | 'name'> & {
    readonly imported?: ImportedFacts | undefined;
  })[],
): string[] {
  const marked = methods.filter(({ id }) => isImportedMethod(id));
  if (marked.length === 0) return [];
  const each = marked.map(({ name, imported }) => {
    const citation = imported?.citation.replaceAll(/\s+/g, ' ').replace(/\.$/, '') ?? '';
    const from = imported === undefined ? '' : `, from ${imported.file}`;
    return `${name}${from}${citation === '' ? '' : ` (${citation})`}`;
  });
  return [`† Maps made elsewhere: ${each.join('; ')}.`];
}

/** Whether a method has maps of a dataset's images, and of a model where one is named. */
export function isFor({ imported }: Method, dataset: string, model: string | null = null): boolean {
  if (!imported) return true;
  if (imported.dataset !== dataset) return false;
  return model === null || imported.model === null || imported.model === model;
}
