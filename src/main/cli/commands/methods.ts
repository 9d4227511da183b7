import { basename } from 'node:path';
import { z } from 'zod';
import { datasetIdSchema, splitSchema } from '../../../shared/catalogue/datasets';
import {
  type Method,
  methodCitationSchema,
  methodFormula,
  shortMethodId,
} from '../../../shared/catalogue/methods';
import { refuse } from '../../../shared/errors';
import { type EventOf } from '../../../shared/events';
import { brokenWords, constantWords, foundInWords } from '../../../shared/foreign-maps';
import { formatBytes } from '../../../shared/format/bytes';
import { counted, formatCount } from '../../../shared/format/counts';
import { formatRate } from '../../../shared/format/rates';
import { formatDuration } from '../../../shared/format/times';
import { identifyingText } from '../../../shared/identifying-text';
import { modelIdSchema } from '../../../shared/ids';
import { type NamedImages, rangedImages, rangesHelp } from '../../../shared/named-images';
import { type App } from '../../core/app';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { namedFile } from '../files';
import { followJob } from '../follow';
import { methodId } from '../methods';
import { parseOptions } from '../options';
import { table } from '../output';
import { progressDisplay } from '../progress';

/** Every method that there is; those that were made elsewhere are marked, with what they cover. */
export async function methodsList(context: CommandContext): Promise<Outcome> {
  const methods = await withApp(context, 'read', ({ api }) => api.call('methods.list', {}));
  return {
    json: { command: 'methods list', methods },
    text: table(
      ['id', 'name', 'kind', 'dataset', 'model', 'validation', 'training', 'made of'],
      methods.map((method) => [
        shortMethodId(method.id),
        method.name,
        method.imported ? 'imported' : method.group,
        method.imported?.dataset ?? '',
        method.imported ? (method.imported.model ?? 'any') : '',
        covers(method.imported?.validation),
        covers(method.imported?.train),
        methodFormula(method),
      ]),
    ),
    exit: exits.done,
  };
}

const covers = (images: number | undefined): string =>
  images === undefined ? 'all' : formatCount(images);

export interface MethodsImportOptions {
  readonly name: string;
  readonly dataset: string;
  readonly images?: string;
  readonly array?: string;
  readonly train?: string;
  readonly trainImages?: string;
  readonly trainArray?: string;
  readonly model?: string;
  readonly citation?: string;
  readonly constant?: boolean;
}

const inputSchema = z.object({
  name: identifyingText(),
  dataset: datasetIdSchema,
  model: modelIdSchema.nullable(),
  citation: methodCitationSchema,
});
const optionNames = {
  name: '--name',
  dataset: '--dataset',
  model: '--model',
  citation: '--citation',
};

/** Take in maps that were made elsewhere as a method of their own. */
export async function methodsImport(
  context: CommandContext,
  file: string,
  options: MethodsImportOptions,
): Promise<Outcome> {
  const { name, dataset, model = null, citation = '', constant = false } = options;
  const input = parseOptions(inputSchema, { name, dataset, model, citation }, optionNames);
  const files = [
    {
      split: 'validation' as const,
      path: await namedFile(file),
      array: options.array ?? null,
      images: await imagesOf(options.images, '--images'),
    },
  ];
  const { train, trainArray = null, trainImages } = options;
  if (train === undefined && (trainArray !== null || trainImages !== undefined)) {
    throw refuse(
      '--train',
      null,
      'the file of the maps of training images, which the others are of',
    );
  }
  const training =
    train === undefined
      ? []
      : [
          {
            split: 'train' as const,
            path: await namedFile(train, '--train'),
            array: trainArray,
            images: await imagesOf(trainImages, '--train-images'),
          },
        ];
  return withApp(context, 'write', async (app) => {
    app.datasets.facts(input.dataset, '--dataset');
    const job = await followJob(context, app, async () => {
      const sent = [];
      for (const { path, images, ...rest } of [...files, ...training]) {
        const { upload } = await app.files.adopt(path);
        sent.push({ ...rest, upload, images: await adopted(app, images) });
      }
      const started = await app.api.call('methods.import', { ...input, constant, files: sent });
      context.say(`${started.job.title} (${started.job.id}).`);
      return started.job;
    });
    if (job.state !== 'done') {
      return {
        json: { command: 'methods import', how: 'interrupted', job, resumable: true },
        text: [
          `${job.title} is interrupted, and nothing of it is kept: run the same command again.`,
        ],
        exit: exits.interrupted,
      };
    }
    const method = (await app.api.call('methods.list', {})).find(({ id }) => id === job.subject);
    return {
      json: { command: 'methods import', method: method ?? null },
      text: method ? [told(method)] : [],
      exit: exits.done,
    };
  });
}

export interface MethodsInspectOptions {
  readonly dataset: string;
  readonly images?: string;
  readonly split?: string;
  readonly array?: string;
  readonly model?: string;
}

const inspectSchema = inputSchema.pick({ dataset: true, model: true }).extend({
  split: splitSchema,
  array: z.string().nullable(),
});

/** What a file of maps holds, every value of it read; nothing is stored. */
export async function methodsInspect(
  context: CommandContext,
  path: string,
  options: MethodsInspectOptions,
): Promise<Outcome> {
  const { dataset, model = null, split = 'validation', array = null } = options;
  const given = { dataset, model, split, array };
  const input = parseOptions(inspectSchema, given, { ...optionNames, split: '--split' });
  const images = await imagesOf(options.images, '--images');
  const file = await namedFile(path);
  return withApp(context, 'read', async (app) => {
    app.datasets.facts(input.dataset, '--dataset');
    const { world } = context;
    const display = progressDisplay(world);
    const begunAt = world.monotonic();
    const request = 'inspect.1';
    const stop = app.subscribe((event) => {
      if (event.type !== 'maps.looking' || event.request !== request) return;
      display.show(lookLine(event, (world.monotonic() - begunAt) / 1000));
    });
    const cancel = () => void app.api.call('methods.cancelInspect', {}).catch(() => undefined);
    world.signal.addEventListener('abort', cancel, { once: true });
    try {
      const { upload } = await app.files.adopt(file);
      const asked = { ...input, upload, request, images: await adopted(app, images) };
      const { found } = await app.api.call('methods.inspect', asked);
      display.end();
      const words = [brokenWords(found), constantWords(found)].filter((one) => one !== null);
      return {
        json: { command: 'methods inspect', found },
        text: [
          `${basename(file)}: ${foundInWords(found)}`,
          ...(found.arrays.length > 0 ? [`Arrays: ${found.arrays.join(', ')}`] : []),
          ...words.map((what) => `It ${what}.`),
        ],
        exit: exits.done,
      };
    } catch (error) {
      display.end();
      if (!world.signal.aborted) throw error;
      return {
        json: { command: 'methods inspect', how: 'interrupted', resumable: true },
        text: ['Interrupted; nothing was stored.'],
        exit: exits.interrupted,
      };
    } finally {
      world.signal.removeEventListener('abort', cancel);
      stop();
    }
  });
}

/** @param seconds since the look began */
function lookLine({ done, total, unit }: EventOf<'maps.looking'>, seconds: number): string {
  const share = total > 0 ? done / total : 0;
  const amount = unit === 'bytes' ? formatBytes : formatCount;
  const rate = seconds > 0 ? done / seconds : null;
  const left = rate === null || rate === 0 ? null : (total - done) / rate;
  return [
    `${String(Math.floor(share * 100)).padStart(3)}%`,
    `${amount(done)} of ${amount(total)}${unit === 'bytes' ? '' : ` ${unit}`}`,
    ...(rate === null ? [] : [formatRate(rate, unit)]),
    ...(left === null ? [] : [`${formatDuration(left)} left`]),
  ].join(' · ');
}

const told = ({ id, name, imported }: Method): string => {
  const training = imported?.train ? ` and ${counted(imported.train, 'training image')}` : '';
  return `${name} (${id}) covers ${counted(imported?.validation ?? 0, 'validation image')}${training}.`;
};

/** A list in a file, until the app is open. */
type Asked =
  Exclude<NamedImages, { kind: 'list' }> | { readonly kind: 'file'; readonly path: string };

/** Indices, a file that names images, or, where nothing is asked, all of the split. */
async function imagesOf(text: string | undefined, option: string): Promise<Asked> {
  if (text === undefined) return { kind: 'all' };
  const indices = rangedImages(text);
  if (indices !== null) return { kind: 'indices', indices };
  if (!/\.[a-z]+$/i.test(text.trim())) {
    throw refuse(option, text, `${rangesHelp}, or a file with one image a line`);
  }
  return { kind: 'file', path: await namedFile(text, option) };
}

async function adopted({ files }: App, images: Asked): Promise<NamedImages> {
  if (images.kind !== 'file') return images;
  return { kind: 'list', upload: (await files.adopt(images.path)).upload };
}

/** Remove a method that a person composed or brought; what uses it is named first. */
export async function methodsRemove(context: CommandContext, method: string): Promise<Outcome> {
  const id = await withApp(context, 'write', async ({ api }) => {
    const known = methodId(await api.call('methods.list', {}), method, 'ID');
    await api.call('methods.remove', { method: known });
    return known;
  });
  return {
    json: { command: 'methods remove', method: id },
    text: [`${id} is removed.`],
    exit: exits.done,
  };
}
