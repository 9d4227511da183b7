import { basename } from 'node:path';
import { z } from 'zod';
import { counted, formatCount } from '../../../shared/format/counts';
import { sideChoiceSchema } from '../../../shared/model-input';
import { type NetworkFit, type WeightsInspection } from '../../../shared/weights-inspection';
import { percent as formatPercent } from '../../../shared/format/numbers';
import { namedDataset } from '../named-dataset';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { namedFile, refusingFile } from '../files';
import { parseOptions } from '../options';
import { progressDisplay } from '../progress';
import { table } from '../output';
import { naming, sideOf } from './models-import';

export interface ModelsInspectOptions {
  readonly dataset?: string;
  readonly weightsKey?: string;
  readonly resize?: string;
  readonly crop?: string;
}

/** What a file of weights holds; nothing is stored. */
export async function modelsInspect(
  context: CommandContext,
  path: string,
  options: ModelsInspectOptions,
): Promise<Outcome> {
  const sides = parseOptions(
    z.object({ resize: sideChoiceSchema, crop: sideChoiceSchema }),
    { resize: sideOf(options.resize), crop: sideOf(options.crop) },
    { resize: '--resize', crop: '--crop' },
  );
  const file = await namedFile(path);
  const { signal } = context.world;
  const found = await withApp(context, 'write', async (app) => {
    const stop = () => void app.api.call('models.cancelInspect', {}).catch(() => undefined);
    signal.addEventListener('abort', stop, { once: true });
    const display = progressDisplay(context.world);
    const unsubscribe = app.subscribe((event) => {
      if (event.type !== 'weights.progress') return;
      display.show(`${formatPercent(event.share)} · looking into ${basename(file)}`);
    });
    const dataset = options.dataset === undefined ? null : namedDataset(app, options.dataset).id;
    return refusingFile(async () => {
      const { upload } = await app.files.adopt(file);
      const asked = { upload, dataset, ...sides, weightsKey: options.weightsKey ?? null };
      return app.api.call('models.inspectFile', asked).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw naming(error);
      });
    }).finally(() => {
      signal.removeEventListener('abort', stop);
      unsubscribe();
      display.end();
    });
  });
  if (found === null) {
    return {
      json: { command: 'models inspect', how: 'interrupted', resumable: true },
      text: ['Interrupted; nothing was stored.'],
      exit: exits.interrupted,
    };
  }
  return {
    json: { command: 'models inspect', ...found },
    text: inspectionLines(found),
    exit: exits.done,
  };
}

const formNames: Readonly<Record<WeightsInspection['form'], string>> = {
  safetensors: 'safetensors',
  'pytorch-zip': 'PyTorch’s ZIP',
  'pytorch-older': 'PyTorch’s form of before 1.6',
};

function inspectionLines(found: WeightsInspection): string[] {
  const lines = [`${found.file}: ${formNames[found.form]}, ${formatCount(found.bytes)} bytes`];
  if (found.undecided) {
    return [
      ...lines,
      `${found.sets.length} sets of weights; say which by --weights-key:`,
      ...table(
        ['set', 'tensors', 'parameters'],
        found.sets.map(({ key, tensors, parameters }) => [
          key ?? '',
          String(tensors),
          formatCount(parameters),
        ]),
      ),
    ];
  }
  const types = found.dtypes.map(({ dtype, tensors }) => `${tensors} of ${dtype}`).join(', ');
  return [
    ...lines,
    `${counted(found.tensorCount, 'tensor')} (${types}), ${formatCount(found.parameters)} parameters`,
    ...found.notes,
    ...guessLines(found.guesses),
    ...table(
      ['tensor', 'shape', 'type'],
      found.tensors.map(({ name, shape, dtype }) => [name, `[${shape.join(', ')}]`, dtype]),
    ),
    ...(found.tensorCount > found.tensors.length
      ? [`and ${found.tensorCount - found.tensors.length} more`]
      : []),
  ];
}

function guessLines(guesses: readonly NetworkFit[]): string[] {
  const fitting = guesses.filter(({ fits }) => fits);
  const told = fitting.length > 0 ? fitting.slice(0, 1) : guesses.slice(0, 1);
  if (told.length === 0) return ['No network here has tensors of these names.'];
  return told.flatMap((guess) => [fitWords(guess), ...misfits(guess)]);
}

function fitWords(guess: NetworkFit): string {
  const { architecture, classes, channels, side, fits, found, needed, prefixes } = guess;
  const options = Object.entries(guess.options).map(([id, value]) => `${id} ${value}`);
  const facts = [
    ...options,
    counted(classes, 'class', 'classes'),
    counted(channels, 'channel'),
    ...(side === null ? [] : [`images of ${side} x ${side}`]),
    ...prefixes.map(({ prefix, names }) => `${prefix} before ${names} names`),
  ].join(', ');
  return fits
    ? `Network: ${architecture} (${facts})`
    : `Nearest network: ${architecture} (${facts}): ${found} of its ${needed} tensors are there`;
}

/** What does not fit, by the tensors' names. */
function misfits({ missing, otherShape, extra, extraCount, architecture }: NetworkFit): string[] {
  const shape = (sides: readonly number[]) => `[${sides.join(', ')}]`;
  const lines: string[] = [];
  if (missing.length > 0) lines.push(`Missing: ${several(missing, missing.length)}`);
  for (const { name, has, needs } of otherShape.slice(0, 20)) {
    lines.push(`Other shape: ${name} is ${shape(has)}, and needs ${shape(needs)}`);
  }
  if (otherShape.length > 20) lines.push(`and ${otherShape.length - 20} more of another shape`);
  if (extraCount > 0) lines.push(`Not of ${architecture}: ${several(extra, extraCount)}`);
  return lines;
}

function several(names: readonly string[], count: number): string {
  const shown = names.slice(0, 20).join(', ');
  return count > 20 ? `${shown} and ${count - 20} more` : shown;
}
