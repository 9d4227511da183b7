import { z } from 'zod';
import { parse, refuse } from '../errors';
import { roarExportFormats } from '../export-formats';
import {
  costSchema,
  type Parameters,
  parameterSchema,
  type ParameterValues,
  shapeOf,
  versionSchema,
} from './parameter';
import { fillSchema, levelSchema } from './training';

/**
 * What a metric works with, besides the images. `level-models`: a model for each level, trained on
 * images without random pixels. `retrained-models`: one for each method, level and repetition, trained
 * on images that the maps degraded. `maps`: of the evaluated images, by the base model, kept with the
 * run.
 */
const metricNeeds = ['level-models', 'retrained-models', 'maps'] as const;

/** A way of evaluating saliency methods as data, which travels to the pages. */
export const metricSchema = z.object({
  /** As settings, the command line and stored runs name it. */
  id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words with hyphens'),
  /** In a form or a list: a word or two. */
  label: z.string(),
  /** In the titles of figures and reports. */
  name: z.string(),
  /** What it does, in a sentence or two. */
  help: z.string(),
  /** What it costs. */
  costs: z.string(),
  /** Where it is defined: an equation, a paper. Empty: nowhere. */
  source: z.string(),
  /** Which values, and so which areas, speak for a method. */
  better: z.enum(['lower', 'higher']),
  needs: z.array(z.enum(metricNeeds)),
  /** `curve`: values by removal level, summarised by their area; `scalar`: one value. */
  result: z.enum(['curve', 'scalar']),
  /** What its values are of, and its intervals over: an image, or a repetition of the training. */
  observation: z.enum(['image', 'repetition']),
  /** Its own settings. */
  parameters: z.record(z.string(), parameterSchema),
  /**
   * What the engine does to measure one map at one level, by numbers and parameters of its own; left
   * out of what no engine measures: its models, maps and scores are planned one by one.
   */
  cost: z.object({ forwardPasses: costSchema, gradients: costSchema }).optional(),
  /** Of the arithmetic of one that the engine measures: part of the keys of its values. */
  version: versionSchema,
  /** Settings of a run where nothing else is said. */
  defaults: z.object({
    /** `suggested`: as many images as its dataset suggests; `validation`: all that validate. */
    images: z.enum(['suggested', 'validation']),
    /** A scalar has level 0 alone: nothing is removed. */
    levels: z.array(levelSchema).min(1),
    fill: fillSchema,
    target: z.enum(['label', 'predicted']),
  }),
  presets: z.object({
    /** What a look at the whole pipeline in minutes cuts of the run in full. */
    quick: z.object({
      /** Null: as many as its dataset suggests for that. */
      images: z.int().positive().nullable(),
      levels: z.array(levelSchema).min(1),
      repetitions: z.int().positive().optional(),
      /** Ids; left out: all. */
      methods: z.array(z.string()).optional(),
      /** What its numbers are worth. */
      worth: z.string(),
    }),
    full: z.object({
      name: z.string(),
      /** With {training} (such as 'all 60,000 training images'), {images}, {repetitions} and {above}. */
      help: z.string(),
    }),
  }),
  /** The files of a finished run, in their order. */
  files: z.array(z.enum(roarExportFormats)),
  /** Whether the paper reports such runs, which are then held against what it reports. */
  published: z.boolean(),
  /** Stages whose items another run may have done already, and what those items are, in words. */
  reusable: z.array(z.object({ stage: z.string(), what: z.string() })),
  /** Whether the paper's claims are judged by its runs. */
  judged: z.boolean(),
  words: z.object({
    /** Of the axis of its values beside a figure on a page, and in full. */
    axis: z.string(),
    axisInFull: z.string(),
    /** What one value is, within a sentence: score, accuracy. */
    value: z.string(),
    /** What the mean is of, in a heading, and in a sentence. */
    mean: z.string(),
    meanInFull: z.string(),
    /** What its kind is called in the title of a page. */
    family: z.string(),
    /** What its figure shows, as a heading. */
    figure: z.string(),
    /** Which values speak for a method, as a sentence. */
    better: z.string(),
    /** Below a figure: what is drawn. */
    caption: z.string(),
  }),
});
export type MetricDescriptor = Readonly<z.infer<typeof metricSchema>>;

/** The stage of the maps by the base model, which any run of the same model makes alike. */
export const madeMaps = { stage: 'maps', what: 'parts of the maps' } as const;
/** The stage of the orders of the pixels by those maps. */
export const rankedPixels = { stage: 'orders', what: 'parts of the ranked pixels' } as const;

/** A descriptor whose parameters' types are known, for its own numbers. */
export type DescribedMetric<P extends Parameters> = Omit<MetricDescriptor, 'parameters'> & {
  readonly parameters: P;
};

/** Keeps the types of a descriptor's parameters. */
export const metric = <P extends Parameters>(of: DescribedMetric<P>) => of;

/** The metrics that there are. */
export class MetricCatalogue {
  readonly list: readonly MetricDescriptor[];

  /** @throws RangeError for an id twice, for a scalar with levels, and for a cost by what it lacks */
  constructor(list: readonly MetricDescriptor[]) {
    this.list = list;
    if (new Set(list.map(({ id }) => id)).size < list.length) {
      throw new RangeError('two metrics have one id');
    }
    const odd = list.find(
      ({ result, defaults, presets }) =>
        result === 'scalar' && Math.max(defaults.levels.length, presets.quick.levels.length) > 1,
    );
    if (odd) throw new RangeError(`${odd.id} gives one value and has levels`);
    for (const { id, cost, parameters } of list) {
      const factors = cost ? [...cost.forwardPasses, ...cost.gradients] : [];
      const lacks = factors.find((factor) => typeof factor === 'string' && !(factor in parameters));
      if (lacks !== undefined) throw new RangeError(`${id} costs by ${lacks}, which it lacks`);
    }
  }

  /** What a run is measured by where nothing else is said: the first. */
  get usual(): MetricDescriptor {
    const [first] = this.list;
    if (!first) throw new RangeError('there is no metric');
    return first;
  }

  get ids(): readonly string[] {
    return this.list.map(({ id }) => id);
  }

  find(id: string): MetricDescriptor | undefined {
    return this.list.find((metric) => metric.id === id);
  }

  /** @throws StudioError `invalid-input` at `field` for an id that is not in the catalogue */
  get(id: string, field = 'protocol'): MetricDescriptor {
    const found = this.find(id);
    if (!found) throw refuse(field, id, `one of: ${this.ids.join(', ')}`);
    return found;
  }
}

/**
 * Values of all of a metric's own settings, those that are missing filled in.
 *
 * @throws StudioError `invalid-input` below `field`, for an unknown name and a value out of bounds
 */
export function completeMetric(
  { id, parameters }: Pick<MetricDescriptor, 'id' | 'parameters'>,
  values: ParameterValues,
  field = 'metric',
): ParameterValues {
  const names = Object.keys(parameters);
  const unknown = Object.keys(values).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const known =
      names.length > 0
        ? `a setting of ${id}: ${names.join(', ')}`
        : `nothing: ${id} has no settings of its own`;
    throw refuse(`${field}.${unknown}`, values[unknown], known);
  }
  return parse(z.object(shapeOf(parameters)), values, field) as ParameterValues;
}

/** What is accepted instead of levels under a metric; null: they are. */
export function levelCountRefusal(
  { result }: Pick<MetricDescriptor, 'result'>,
  levels: readonly number[],
): string | null {
  if (result === 'curve') return levels.length < 2 ? 'at least two levels' : null;
  return levels.length > 1 ? 'level 0 alone: nothing is removed' : null;
}
