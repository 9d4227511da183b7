import { z } from 'zod';
import { importedNotes, markedName, randomMethodId } from '../../../shared/catalogue/methods';
import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { summaryName } from '../../../shared/catalogue/metric-words';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { canonicalJson } from '../../../shared/canonical';
import { counted } from '../../../shared/format/counts';
import { formatDuration } from '../../../shared/format/times';
import { identifyingText } from '../../../shared/identifying-text';
import { summariesOf } from '../../../shared/method-summary';
import { type RunRecord, type RunResult } from '../../../shared/records';
import { type App } from '../../core/app';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { followJob, goOnOrBegin } from '../follow';
import { methodIds, namedMethods } from '../methods';
import { parseOptions } from '../options';
import { shareCell, table } from '../output';
import { outFolder, writeInto } from '../places';
import { knownDataset, namedDataset } from '../named-dataset';
import { type RoarOptions, roarSettings } from '../settings';
import { requireStart, withStart } from '../starting-model';
import { askedWork, type WorkOptions } from '../work-options';

export interface RoarCommandOptions extends RoarOptions, WorkOptions {
  readonly methods?: string;
  readonly name?: string;
  readonly sensitivity?: boolean;
  readonly out: string;
}

const runNameSchema = z.object({ name: identifyingText().nullable() });

/** RemOve And Retrain: one run, resumed where it stopped, written to a folder. */
export async function roarCommand(
  context: CommandContext,
  options: RoarCommandOptions,
): Promise<Outcome> {
  const { catalogues } = context.world;
  const { operators, metrics } = catalogues;
  // Refuse what can be refused before anything is opened.
  const named = options.methods === undefined ? null : namedMethods(operators, options.methods);
  const metric = metrics.get(options.protocol ?? metrics.usual.id, '--protocol');
  const known = knownDataset(catalogues.datasets, options.dataset);
  requireStart(options, known);
  // What training starts from says of which network it is.
  if (known && options.init === undefined) roarSettings(catalogues, options, null, known);
  const { name } = parseOptions(runNameSchema, { name: options.name ?? null }, { name: '--name' });
  const asked = askedWork(options);
  const out = await outFolder(options.out, metric.files);

  // What is finished is written out from where nothing can be kept, too.
  return withApp(
    context,
    'write-if-possible',
    async (app) => {
      const ids = named && (await methodIds(app.api, named));
      // Every run needs the random map as its baseline.
      const methods = ids && [...new Set([...ids, randomMethodId])];
      const facts = namedDataset(app, options.dataset);
      const given = await withStart(context, app, options, facts);
      const settings = roarSettings(catalogues, given, methods, facts);
      const { run, how } = await finishRun(context, app, settings, name);
      if (run.state !== 'done') return interrupted(run);
      const { files, replaced } = await writeInto(context, out, (folder) =>
        app.writeRoarOutputs(run.id, folder),
      );
      const result = await app.api.call('roar.result', { run: run.id });
      return {
        json: { command: 'roar', how, run, out, files, replaced, ...summary(result, metric) },
        text: [...report(result, metric), '', `Written to ${out}.`],
        exit: exits.done,
      };
    },
    asked,
  );
}

type How = 'started' | 'resumed' | 'stored';

/** The run with these settings: a finished one as it is, an unfinished one resumed, else a new one. */
async function finishRun(
  context: CommandContext,
  app: App,
  settings: RoarSettings,
  name: string | null,
): Promise<{ run: RunRecord; how: How }> {
  const key = canonicalJson(settings);
  const runs = await app.api.call('roar.list', {});
  const same = runs
    .filter((run) => canonicalJson(run.settings) === key)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const stored = same.find((run) => run.state === 'done');
  if (stored) {
    context.say(`${stored.name} (${stored.id}) has finished already: writing its stored results.`);
    return { run: stored, how: 'stored' };
  }
  const unfinished = same[0];
  let id = unfinished?.id;
  let how: How = unfinished ? 'resumed' : 'started';
  const begin = async () => {
    const started = await app.api.call('roar.start', { settings, name });
    id = started.run.id;
    how = 'started';
    context.say(`Started ${started.run.name} (${started.run.id}).`);
    return started.job;
  };
  if (unfinished) {
    context.say(`Going on with ${unfinished.name} (${unfinished.id}).`);
    await goOnOrBegin(context, app, unfinished.job, begin);
  } else await followJob(context, app, begin);
  const after = await app.api.call('roar.list', {});
  const run = after.find((candidate) => candidate.id === id);
  if (!run) throw new Error('The run is no longer there.');
  return { run, how };
}

function interrupted(run: RunRecord): Outcome {
  return {
    json: { command: 'roar', how: 'interrupted', run, resumable: true },
    text: [
      `${run.name} (${run.id}) is interrupted. Its finished items are kept: run the same command again and it goes on from there.`,
    ],
    exit: exits.interrupted,
  };
}

function summary(result: RunResult, metric: MetricDescriptor) {
  return {
    images: result.images.length,
    retrained: result.retrained.length,
    levels: result.levels.map(({ level, validationAccuracy, paperAccuracy, seconds, reused }) => ({
      level,
      validationAccuracy,
      paperAccuracy,
      seconds,
      reused,
    })),
    methods: summariesOf(result).map(
      ({ method, value, advantage, advantageLow, advantageHigh, rank }) => ({
        method: method.id,
        [summaryName(metric)]: value,
        advantage,
        advantageLow,
        advantageHigh,
        rank,
      }),
    ),
    claims: result.claims.map(({ id, verdict }) => ({ id, verdict })),
    notes: result.notes,
  };
}

/** What the models reached: those that are kept, or by level the mean over repetitions. */
function accuracies(
  { run, levels, curves }: RunResult,
  { observation }: MetricDescriptor,
): string[] {
  if (observation === 'image') {
    return table(
      ['level', 'validation accuracy', 'paper'],
      levels.map(({ level, validationAccuracy, paperAccuracy }) => [
        level.toFixed(2),
        shareCell(validationAccuracy),
        shareCell(paperAccuracy),
      ]),
    );
  }
  return table(
    ['accuracy at level', ...run.settings.levels.map((level) => level.toFixed(2))],
    curves.map(({ method, points }) => [
      markedName(method),
      ...points.map(({ mean }) => shareCell(mean)),
    ]),
  );
}

function report(result: RunResult, metric: MetricDescriptor): string[] {
  const { run, images, levels, retrained, notes } = result;
  const models = retrained.length > 0 ? retrained.length : levels.length;
  const shown = [...notes, ...importedNotes(summariesOf(result).map(({ method }) => method))];
  return [
    `${run.name}: ${counted(images.length, 'image')}, ${models} models, ${formatDuration(run.seconds)}`,
    '',
    ...accuracies(result, metric),
    '',
    ...table(
      ['method', summaryName(metric), 'advantage', 'low', 'high', 'rank'],
      [...summariesOf(result)]
        .sort((a, b) => a.rank - b.rank || b.advantage - a.advantage)
        .map(({ method, value, advantage, advantageLow, advantageHigh, rank }) => [
          markedName(method),
          value.toFixed(4),
          advantage.toFixed(4),
          advantageLow?.toFixed(4) ?? '',
          advantageHigh?.toFixed(4) ?? '',
          String(rank),
        ]),
    ),
    ...(shown.length > 0 ? ['', ...shown] : []),
  ];
}
