import { ownImageSettings } from '../../../shared/catalogue/own-images';
import { type ImportedImages } from '../../../shared/imported-images';
import { type ImagesPreview } from '../../../shared/images-preview';
import { imagesJobSchema, type RouteInput, routes } from '../../../shared/routes';
import { type CommandContext, exits, type Outcome, withApp, withFiles } from '../context';
import { followJob } from '../follow';
import { parseOptions } from '../options';
import { lookLine, progressDisplay } from '../progress';
import { table } from '../output';
import { inputPath } from '../places';
import { optionNames, type OptionsOf, withOptions } from '../setting-options';

export interface ImportImagesOptions extends OptionsOf<typeof ownImageSettings> {
  readonly name?: string;
  readonly labels?: string;
  readonly masks?: string;
  readonly strict?: boolean;
  readonly preview?: boolean;
}

const options = {
  name: '--name',
  path: 'PATH',
  labels: '--labels',
  masks: '--masks',
  strict: '--strict',
  ...optionNames(ownImageSettings),
};

/** Make a dataset of one's own images; files that are none are left out and listed. */
export async function importImages(
  context: CommandContext,
  path: string,
  { name, labels, masks, strict = false, preview = false, ...settings }: ImportImagesOptions,
): Promise<Outcome> {
  const places = {
    path: await inputPath(path, 'a folder, archive or list that can be read', 'PATH'),
    labels:
      labels === undefined
        ? null
        : await inputPath(labels, 'a list of labels that can be read', '--labels'),
    masks:
      masks === undefined
        ? null
        : await inputPath(masks, 'a folder, archive or list of boxes that can be read', '--masks'),
  };
  if (preview) {
    const asked = withOptions(places, ownImageSettings, settings);
    return previewed(context, parseOptions(routes['datasets.previewImages'].input, asked, options));
  }
  const asked = withOptions({ name, ...places, strict }, ownImageSettings, settings);
  const input = parseOptions(imagesJobSchema, asked, options);
  return withFiles(context, async (app) => {
    const job = await followJob(context, app, async () => {
      const started = await app.api.call('datasets.importImages', input);
      context.say(`${started.job.title} (${started.job.id}).`);
      return started.job;
    });
    if (job.state !== 'done' || job.subject === null) {
      return {
        json: { command: 'datasets import images', how: 'interrupted', job, resumable: true },
        text: [
          `${job.title} is interrupted, and nothing of it is kept: run the same command again.`,
        ],
        exit: exits.interrupted,
      };
    }
    const imported = await app.api.call('datasets.imported', { dataset: job.subject });
    for (const note of imported.notes) context.say(note);
    const { name: called } = app.datasets.facts(job.subject);
    const reused = job.stages.some((stage) => stage.reused > 0);
    return {
      json: contract(imported),
      text: report(imported, called, reused),
      exit: exits.done,
    };
  });
}

/** What it would come to; nothing is written. */
async function previewed(
  context: CommandContext,
  input: RouteInput<'datasets.previewImages'>,
): Promise<Outcome> {
  return withApp(context, 'read', async (app) => {
    const stop = () => void app.api.call('datasets.cancelPreview', {}).catch(() => undefined);
    context.world.signal.addEventListener('abort', stop, { once: true });
    const display = progressDisplay(context.world);
    const unsubscribe = app.subscribe((event) => {
      if (event.type === 'preview.progress') display.show(lookLine(event));
    });
    try {
      const request = 'preview';
      const preview = await app.api.call('datasets.previewImages', { ...input, request });
      display.end();
      const { masks, refusals, samples, settings } = preview;
      for (const note of preview.notes) context.say(note);
      return {
        json: { ...counted(preview), ...(masks && { masks }), refusals, settings, samples },
        text: previewLines(preview),
        exit: exits.done,
      };
    } catch (error) {
      if (!context.world.signal.aborted) throw error;
      return {
        json: { command: 'datasets import images', how: 'interrupted', resumable: true },
        text: ['Interrupted; nothing was written.'],
        exit: exits.interrupted,
      };
    } finally {
      display.end();
      unsubscribe();
      context.world.signal.removeEventListener('abort', stop);
    }
  });
}

/** What checks elsewhere read. */
const contract = ({ dataset, masks, ...imported }: ImportedImages) => {
  const { refused, ...counts } = counted(imported);
  return { id: dataset, ...counts, ...(masks && { masks }), refused };
};

function counted({ classes, refused }: Pick<ImportedImages, 'classes' | 'refused'>) {
  const counts = (split: 'train' | 'validation') =>
    Object.fromEntries(classes.map(({ name, [split]: count }) => [name, count]));
  return {
    classes: classes.map(({ name }) => name),
    train: counts('train'),
    validation: counts('validation'),
    refused,
  };
}

function previewLines(preview: Omit<ImagesPreview, 'notes'>): string[] {
  const { classes, masks, refused, refusals, samples, settings, splitGiven } = preview;
  const { size, fit, grayscale, validation, seed } = settings;
  const sum = (split: 'train' | 'validation') =>
    classes.reduce((total, each) => total + each[split], 0);
  const unread = samples.filter(({ why }) => why !== null);
  const more = refusals - refused.length;
  return [
    `${sum('train')} training and ${sum('validation')} validation images in ${classes.length} classes, of ${size} × ${size} pixels, ${grayscale ? 'grayscale' : 'colour'}, ${fit}`,
    splitGiven
      ? 'The images come with their split.'
      : `A share of ${validation} of each class is split off by the seed ${seed}.`,
    ...classTable(classes),
    ...(masks ? [`${masks.train + masks.validation} images come with a mask of the object.`] : []),
    ...leftOutLines('are left out', refused),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...unread.map(({ path, why }) => `${path} cannot be read: ${why}`),
    ...samples.flatMap(({ path, maskWhy }) =>
      maskWhy === null ? [] : [`The mask of ${path} is left out: ${maskWhy}`],
    ),
    'Nothing was written.',
  ];
}

const classTable = (classes: ImportedImages['classes']) =>
  table(
    ['class', 'training', 'validation'],
    classes.map((each) => [each.name, String(each.train), String(each.validation)]),
  );

/** @param what became of several of them, in words */
const leftOutLines = (what: string, refused: ImportedImages['refused']) => [
  ...(refused.length > 0 ? [`Files that ${what}:`] : []),
  ...refused.map(({ path, reason }) => `  ${path}: ${reason}`),
];

function report(
  { dataset, classes, masks, refused }: ImportedImages,
  name: string,
  reused: boolean,
) {
  return [
    reused
      ? `These images are here already, as ${name} (${dataset}).`
      : `${name} (${dataset}) is imported.`,
    ...classTable(classes),
    ...(masks ? [`${masks.train + masks.validation} images have a mask of the object.`] : []),
    ...leftOutLines('were left out', refused),
  ];
}
