import {
  type DatasetSource,
  type DatasetSubset,
  datasetSubsetSchema,
  type KnownDataset,
} from '../../../shared/catalogue/datasets';
import { refuse, StudioError } from '../../../shared/errors';
import { nameKey } from '../../../shared/identifying-text';
import { formatBytes } from '../../../shared/format/bytes';
import { someNames } from '../../../shared/name-list';
import { installCommand } from '../../../shared/install-command';
import { type DatasetRecord } from '../../../shared/records';
import { type RouteInput, type RouteOutput } from '../../../shared/routes';
import { type CommandContext, exits, type Outcome, withApp, withFiles } from '../context';
import { followJob } from '../follow';
import { writeTo } from '../files';
import { namedDataset } from '../named-dataset';
import { given, list, namingOption, parseOptions, scalar } from '../options';
import { table } from '../output';
import { inputPath, outFile } from '../places';

export interface DatasetsInstallOptions {
  readonly from?: string;
  readonly classes?: string;
  readonly perClass?: string;
}

type InstallInput = RouteInput<'datasets.install'>;

/** One that there is an importer for. */
function knownDataset({ world }: CommandContext, name: string): KnownDataset {
  return world.catalogues.datasets.get(nameKey(name), 'NAME');
}

export async function datasetsList(context: CommandContext): Promise<Outcome> {
  const records = await withApp(context, 'read', (app) => app.api.call('datasets.list', {}));
  return {
    json: { command: 'datasets list', datasets: records },
    text: table(
      ['dataset', 'state', 'training', 'validation', 'classes', 'from', 'licence', 'name'],
      records.map((record) => [
        record.id,
        record.state,
        String(record.train),
        String(record.validation),
        record.state === 'installed' ? String(record.classes.length) : '',
        record.state === 'installed' ? (record.origin?.name ?? 'the packages') : '',
        record.licence,
        record.name,
      ]),
    ),
    exit: exits.done,
  };
}

/** Checks every file of an installed dataset. */
export async function datasetsVerify(context: CommandContext, name: string): Promise<Outcome> {
  return verified(context, 'datasets verify', name);
}

/** From outside; of the one that comes with the packages, installing it is seeing that it is whole. */
export async function datasetsInstall(
  context: CommandContext,
  name: string,
  options: DatasetsInstallOptions,
): Promise<Outcome> {
  const known = knownDataset(context, name);
  const { id: dataset, bundled, sources, files } = known;
  const subset = subsetOf(options);
  if (bundled) return verified(context, 'datasets install', dataset);
  if (sources.length === 0) {
    const accepted = `one that can be downloaded; this one is imported: \`${installCommand(known)}\`, where PATH is ${files}`;
    throw refuse('NAME', name, accepted);
  }
  const source = { kind: sourceKind(sources, options.from) };
  return installed(context, 'datasets install', { dataset, source, subset });
}

export async function datasetsImport(
  context: CommandContext,
  name: string,
  path: string,
  options: DatasetsInstallOptions,
): Promise<Outcome> {
  const entry = knownDataset(context, name);
  const { id: dataset } = entry;
  if (entry.bundled) {
    throw new StudioError({
      code: 'conflict',
      message: `${entry.name} comes with Saliency Studio’s packages and is not imported: check it with \`datasets verify ${dataset}\`.`,
    });
  }
  const subset = subsetOf(options);
  const found = await inputPath(path, 'an archive or folder that can be read', 'PATH');
  const source = { kind: 'path' as const, path: found };
  return installed(context, 'datasets import', { dataset, source, subset });
}

export async function datasetsRemove(context: CommandContext, name: string): Promise<Outcome> {
  const { record, made } = await withFiles(context, async (app) => {
    const { id: dataset } = namedDataset(app, name, 'NAME');
    const made = await app.api.call('datasets.users', { dataset });
    // Named first: what is removed cannot be asked any more.
    for (const line of madeLines(made)) context.say(line);
    return { made, record: await app.api.call('datasets.remove', { dataset }) };
  });
  return {
    json: { command: 'datasets remove', dataset: record, kept: made },
    text: [`${record.name} is removed. Models and runs made with it are kept.`],
    exit: exits.done,
  };
}

function madeLines({ models, runs, studies, methods }: RouteOutput<'datasets.users'>): string[] {
  const line = (what: string, names: readonly string[]) =>
    names.length > 0 ? [`${what} made with it stay: ${someNames(names)}.`] : [];
  return [
    ...line('Models', models),
    ...line('Runs', runs),
    ...line('Studies', studies),
    ...line('Methods', methods),
  ];
}

export async function datasetsRename(
  context: CommandContext,
  id: string,
  name: string,
): Promise<Outcome> {
  const record = await withFiles(context, (app) => {
    const { id: dataset } = namedDataset(app, id, 'ID');
    return naming(app.api.call('datasets.rename', { dataset, name }), { name: 'NAME' });
  });
  return {
    json: { command: 'datasets rename', dataset: record },
    text: [`${record.id} is called ${record.name} now.`],
    exit: exits.done,
  };
}

export interface DatasetsDescribeOptions {
  readonly licence?: string;
  readonly citation?: string;
}

/** What its exports and reports say of it. */
export async function datasetsDescribe(
  context: CommandContext,
  id: string,
  options: DatasetsDescribeOptions,
): Promise<Outcome> {
  const about = given({ licence: options.licence, citation: options.citation });
  if (Object.keys(about).length === 0) {
    throw refuse(
      '--licence',
      undefined,
      'a text here, or by --citation; an empty one takes it away',
    );
  }
  const record = await withFiles(context, (app) => {
    const { id: dataset } = namedDataset(app, id, 'ID');
    const options = { licence: '--licence', citation: '--citation' };
    return naming(app.api.call('datasets.describe', { dataset, ...about }), options);
  });
  const said = (text: string) => (text === '' ? 'nothing is said' : text);
  return {
    json: { command: 'datasets describe', dataset: record },
    text: [
      `${record.name} (${record.id})`,
      `licence: ${said(record.licence)}`,
      `citation: ${said(record.citation)}`,
    ],
    exit: exits.done,
  };
}

export interface DatasetsExportOptions {
  readonly out: string;
}

/** A ZIP whose import is the same dataset. */
export async function datasetsExport(
  context: CommandContext,
  id: string,
  { out }: DatasetsExportOptions,
): Promise<Outcome> {
  const file = await outFile(out);
  return withFiles(context, async (app) => {
    const { id: dataset } = namedDataset(app, id, 'ID');
    const job = await followJob(context, app, async () => {
      const started = await app.api.call('datasets.export', { dataset });
      return started.job;
    });
    if (job.state !== 'done') {
      return {
        json: { command: 'datasets export', how: 'interrupted', job, resumable: false },
        text: [`${job.title} is interrupted, and nothing was written: run the same command again.`],
        exit: exits.interrupted,
      };
    }
    const made = await app.api.call('datasets.exported', { job: job.id });
    const path = await writeTo(file, app, made);
    return {
      json: { command: 'datasets export', dataset, file: path, bytes: made.bytes },
      text: [`Written to ${path} (${formatBytes(made.bytes)}).`],
      exit: exits.done,
    };
  });
}

/** The same in the words of the command line. */
function naming<T>(asked: Promise<T>, options: Readonly<Record<string, string>>): Promise<T> {
  return asked.catch((error: unknown) => {
    throw error instanceof StudioError ? namingOption(error, options) : error;
  });
}

function sourceKind(sources: readonly DatasetSource[], from = 'download'): DatasetSource['kind'] {
  const kinds = sources.map(({ kind }) => kind);
  const kind = kinds.find((candidate) => candidate === from);
  if (kind) return kind;
  throw refuse('--from', from, `one of ${kinds.join(', ')}`);
}

function subsetOf({ classes, perClass }: DatasetsInstallOptions): DatasetSubset {
  const subset = given({
    classes: classes === undefined ? undefined : list(classes, '--classes'),
    perClass: perClass === undefined ? undefined : scalar(perClass),
  });
  return parseOptions(datasetSubsetSchema, subset, {
    classes: '--classes',
    perClass: '--per-class',
  });
}

/** Follow the job that installs; the same command after an interruption takes it up again. */
async function installed(
  context: CommandContext,
  command: string,
  input: InstallInput,
): Promise<Outcome> {
  return withFiles(context, async (app) => {
    const job = await followJob(context, app, async () => {
      const started = await app.api.call('datasets.install', input);
      context.say(`${started.job.title} (${started.job.id}).`);
      return started.job;
    });
    if (job.state !== 'done') {
      return {
        json: { command, how: 'interrupted', job, resumable: true },
        text: [
          `${job.title} is interrupted. What was downloaded is kept: run the same command again and it goes on from there.`,
        ],
        exit: exits.interrupted,
      };
    }
    const record = await app.api.call('datasets.verify', { dataset: input.dataset });
    return {
      json: { command, how: 'installed', dataset: record },
      text: report(record),
      exit: record.state === 'installed' ? exits.done : exits.failed,
    };
  });
}

async function verified(context: CommandContext, command: string, name: string) {
  const record = await withApp(context, 'read', (app) => {
    const { id: dataset } = namedDataset(app, name, 'NAME');
    return app.api.call('datasets.verify', { dataset });
  });
  const whole = record.state === 'installed' && record.masks.damaged === undefined;
  return {
    json: { command, dataset: record },
    text: report(record),
    exit: whole ? exits.done : exits.failed,
  };
}

function report(record: DatasetRecord): string[] {
  const state = record.state === 'installed' ? 'installed and whole' : record.state;
  const lines = [`${record.name}: ${state}${record.reason === null ? '' : `. ${record.reason}`}`];
  if (record.state !== 'installed') return lines;
  lines.push(
    `${record.train} training and ${record.validation} validation images in ${record.classes.length} classes`,
  );
  const { damaged, train, validation } = record.masks;
  if (damaged !== undefined) lines.push(`Its masks cannot be read: ${damaged}`);
  else if (train + validation > 0)
    lines.push(`${train + validation} images have a mask of the object`);
  if (record.origin) {
    lines.push(`from ${record.origin.name}${badge(record.origin.published)}`);
  }
  return [
    ...lines,
    ...record.files.map(({ name, sha256, published }) => `  ${sha256}  ${name}${badge(published)}`),
  ];
}

function badge(published: boolean | null): string {
  if (published === null) return '';
  return published ? ' (as published)' : ' (not as published)';
}
