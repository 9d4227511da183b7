import { type DatasetId, datasetIds, datasets } from '../../../shared/catalogue/datasets';
import { refuse, StudioError } from '../../../shared/errors';
import { type DatasetRecord } from '../../../shared/records';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { table } from '../output';

/** Datasets of the paper that a later version brings. */
const later = ['cifar10', 'tiny-imagenet'];

function datasetId(name: string): DatasetId {
  const id = datasetIds.find((candidate) => candidate === name.toLowerCase());
  if (id) return id;
  const accepted = `one of ${datasetIds.join(', ')}`;
  throw refuse('NAME', name, later.includes(name) ? `${accepted} in this version` : accepted);
}

export async function datasetsList(context: CommandContext): Promise<Outcome> {
  const records = await withApp(context, 'read', (app) => app.api.call('datasets.list', {}));
  return {
    json: { command: 'datasets list', datasets: records },
    text: table(
      ['dataset', 'state', 'training', 'validation', 'classes', 'licence'],
      records.map((record) => [
        record.id,
        record.state,
        String(record.train),
        String(record.validation),
        String(record.classes.length),
        record.licence,
      ]),
    ),
    exit: exits.done,
  };
}

/** Checks every file of an installed dataset. */
export async function datasetsVerify(context: CommandContext, name: string): Promise<Outcome> {
  return verified(context, 'datasets verify', datasetId(name));
}

/** MNIST comes with the packages: installing it is seeing that it is whole. */
export async function datasetsInstall(context: CommandContext, name: string): Promise<Outcome> {
  return verified(context, 'datasets install', datasetId(name));
}

export async function datasetsImport(_context: CommandContext, name: string): Promise<Outcome> {
  const entry = datasets.find(({ id }) => id === datasetId(name));
  throw new StudioError({
    code: 'conflict',
    message: `${entry?.name ?? name} comes with Saliency Studio’s packages and is not imported: check it with \`datasets verify ${name}\`.`,
  });
}

async function verified(context: CommandContext, command: string, dataset: DatasetId) {
  const record = await withApp(context, 'read', (app) =>
    app.api.call('datasets.verify', { dataset }),
  );
  const whole = record.state === 'installed';
  return {
    json: { command, dataset: record },
    text: report(record),
    exit: whole ? exits.done : exits.failed,
  };
}

function report(record: DatasetRecord): string[] {
  const state = record.state === 'installed' ? 'installed and whole' : record.state;
  return [
    `${record.name}: ${state}${record.reason === null ? '' : `. ${record.reason}`}`,
    `${record.train} training and ${record.validation} validation images in ${record.classes.length} classes`,
    ...record.files.map(({ name, sha256, published }) => {
      const badge = published === null ? '' : published ? ' (as published)' : ' (not as published)';
      return `  ${sha256}  ${name}${badge}`;
    }),
  ];
}
