import { ownImageSettings } from '../../../shared/catalogue/own-images';
import { type ImportedImages } from '../../../shared/imported-images';
import { imagesJobSchema } from '../../../shared/routes';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { followJob } from '../follow';
import { parseOptions } from '../options';
import { table } from '../output';
import { inputPath } from '../places';
import { optionNames, type OptionsOf, withOptions } from '../setting-options';

export interface ImportImagesOptions extends OptionsOf<typeof ownImageSettings> {
  readonly name: string;
  readonly labels?: string;
  readonly masks?: string;
  readonly strict?: boolean;
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
  { name, labels, masks, strict = false, ...settings }: ImportImagesOptions,
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
  const asked = withOptions({ name, ...places, strict }, ownImageSettings, settings);
  const input = parseOptions(imagesJobSchema, asked, options);
  return withApp(context, 'write', async (app) => {
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

/** What checks elsewhere read. */
function contract({ dataset, classes, masks, refused }: ImportedImages) {
  const counts = (split: 'train' | 'validation') =>
    Object.fromEntries(classes.map(({ name, [split]: count }) => [name, count]));
  return {
    id: dataset,
    classes: classes.map(({ name }) => name),
    train: counts('train'),
    validation: counts('validation'),
    masks,
    refused,
  };
}

function report(
  { dataset, classes, masks, refused }: ImportedImages,
  name: string,
  reused: boolean,
) {
  const files = refused.length === 1 ? '1 file was' : `${refused.length} files were`;
  return [
    reused
      ? `These images are here already, as ${name} (${dataset}).`
      : `${name} (${dataset}) is imported.`,
    ...table(
      ['class', 'training', 'validation'],
      classes.map((each) => [each.name, String(each.train), String(each.validation)]),
    ),
    ...(masks ? [`${masks.train + masks.validation} images have a mask of the object.`] : []),
    ...(refused.length > 0 ? [`${files} left out:`] : []),
    ...refused.map(({ path, reason }) => `  ${path}: ${reason}`),
  ];
}
