import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { reasonOf, StudioError } from '../../../shared/errors';
import { ratingLabels } from '../../../shared/ratings/questions';
import { type Publication } from '../export/publication';

/** What the paper says, as data: `resources/paper/*.json`. */
export const paperTableSchema = z.strictObject({
  table: z.enum(['I', 'II']),
  question: z.enum(['visual-coherence', 'edge-differentiation']),
  caption: z.string(),
  /** Where the transcription departs from the printed page. */
  notes: z.array(z.string()),
  labels: z.tuple([
    z.literal('Very Low'),
    z.literal('Low'),
    z.literal('Medium'),
    z.literal('High'),
    z.literal('Very High'),
  ]),
  datasets: z.array(z.string()).length(3),
  rows: z
    .array(
      z.strictObject({
        method: z.string(),
        name: z.string(),
        cells: z.array(z.enum(ratingLabels)).length(3),
      }),
    )
    .length(9),
});
export type PaperTable = z.infer<typeof paperTableSchema>;

export const paperDatasetSchema = z.strictObject({
  id: z.enum(['mnist', 'cifar10', 'tiny-imagenet']),
  name: z.string(),
  /** The number of its figure. */
  figure: z.int(),
  /** How many images its ROAR evaluates. */
  images: z.int(),
});

export const paperAccuraciesSchema = z.strictObject({
  dataset: z.literal('mnist'),
  network: z.string(),
  section: z.string(),
  levels: z.array(
    z.strictObject({
      level: z.number(),
      /** Validation accuracy, 0 to 1. */
      accuracy: z.number(),
      /** The paper says 'above'. */
      above: z.boolean(),
    }),
  ),
  /** The mean score that the paper states for removal by the random map. */
  randomMap: z.strictObject({ score: z.number(), levels: z.array(z.number()) }),
});
export type PaperAccuracies = z.infer<typeof paperAccuraciesSchema>;

/** One thing that the paper leaves open, what we do, and what else it could mean. */
export const paperChoiceSchema = z.strictObject({
  id: z.string(),
  /** null: the paper says nothing. */
  section: z.string().nullable(),
  /** What it says instead, in our words; null where it says nothing. */
  says: z.string().nullable(),
  question: z.string(),
  choice: z.string(),
  /** The setting that holds our default, where it can be changed. */
  setting: z.string().nullable(),
  readings: z.array(z.strictObject({ text: z.string(), setting: z.string().nullable() })),
});
export type PaperChoice = z.infer<typeof paperChoiceSchema>;

export const paperClaimSchema = z.strictObject({
  id: z.string(),
  section: z.string(),
  /** What it takes to judge it. */
  kind: z.enum(['accuracy', 'roar', 'ratings', 'both']),
  datasets: z.array(paperDatasetSchema.shape.id),
  /** In our words. */
  says: z.string(),
  /** When we call it held. */
  criterion: z.string(),
});
export type PaperClaim = z.infer<typeof paperClaimSchema>;

export interface Paper extends Publication {
  readonly datasets: readonly z.infer<typeof paperDatasetSchema>[];
  /** Tables I and II. */
  readonly tables: readonly [PaperTable, PaperTable];
  readonly accuracies: PaperAccuracies;
  readonly choices: readonly PaperChoice[];
  readonly claims: readonly PaperClaim[];
}

/** The name of a dataset of the paper. Throws RangeError for another one. */
export function publishedName({ datasets }: Pick<Paper, 'datasets'>, id: string): string {
  const found = datasets.find((dataset) => dataset.id === id);
  if (!found) throw new RangeError(`${id} is no dataset of the paper`);
  return found.name;
}

const reference =
  'I. E. Nielsen, J. R. Epifano, G. Rasool, N. C. Bouaynaya and R. P. Ramachandran, ' +
  'Performance Evaluation of Combination Methods of Saliency Mapping Algorithms';

/** Read and check `resources/paper/*.json`. Throws `corrupt-file` naming the file. */
export function loadPaper(resources: string): Paper {
  const read = <S extends z.ZodType>(name: string, schema: S): z.output<S> => {
    const path = join(resources, 'paper', name);
    try {
      return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch (error) {
      throw new StudioError(
        {
          code: 'corrupt-file',
          message: `${path}, which holds what the paper says, cannot be read. Install Saliency Studio again.`,
          details: { path, reason: reasonOf(error) },
        },
        error,
      );
    }
  };
  return {
    reference,
    tables: [read('table-1.json', paperTableSchema), read('table-2.json', paperTableSchema)],
    datasets: read('datasets.json', z.strictObject({ datasets: z.array(paperDatasetSchema) }))
      .datasets,
    accuracies: read('accuracies.json', paperAccuraciesSchema),
    choices: read('choices.json', z.strictObject({ choices: z.array(paperChoiceSchema) })).choices,
    claims: read('claims.json', z.strictObject({ claims: z.array(paperClaimSchema) })).claims,
  };
}
