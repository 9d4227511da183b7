import { createHash } from 'node:crypto';
import { advantageWords, summaryName } from '../../../../shared/catalogue/metric-words';
import { type RoarExportFormat } from '../../../../shared/export-formats';
import { repeatCommand } from './command';
import { hasIntervals, intervalSentence } from '../metric';
import { exportMimes, methodsOf, type RoarReport } from './report';

const manifestFormat = 'saliency-studio/roar-manifest';
const manifestVersion = 1;

/**
 * What a run was, in full: versions, seeds, parameters, data, models, the command that repeats it,
 * and the sha256 of every file beside it.
 *
 * @param outputs the other files of the export, by name.
 */
export function manifestJson(
  report: RoarReport,
  outputs: ReadonlyMap<RoarExportFormat, Uint8Array>,
): string {
  const { result, metric, dataset, artifacts, version } = report;
  const { run, engine, levels, images, retrained } = result;
  const { settings } = run;
  const methods = methodsOf(report);
  const { descriptor, observations } = metric;
  const summary = summaryName(descriptor);
  const command = repeatCommand(settings, report.full, methods);
  const manifest = {
    format: manifestFormat,
    formatVersion: manifestVersion,
    software: { name: 'Saliency Studio', version },
    run: {
      id: run.id,
      name: run.name,
      createdAt: run.createdAt,
      finishedAt: run.finishedAt,
      seconds: run.seconds,
    },
    repeat: { command: command.line, arguments: command.args },
    seeds: { run: settings.seed, training: settings.recipe.seed },
    parameters: settings.parameters,
    settings,
    methods,
    images: { split: 'validation', indices: images },
    dataset: {
      id: dataset.id,
      name: dataset.name,
      licence: dataset.licence,
      citation: dataset.citation,
      train: dataset.train,
      validation: dataset.validation,
      files: dataset.files,
    },
    engine,
    models: levels,
    ...(descriptor.needs.includes('retrained-models') ? { retrained } : {}),
    artifacts,
    statistics: {
      interval: hasIntervals(metric, settings)
        ? observations.interval
        : intervalSentence(metric, settings, 'Intervals'),
      ...observations.statistics(settings),
      ...(summary === 'area'
        ? { area: 'trapezoid over the span of levels, not divided by it' }
        : {}),
      advantage: advantageWords(descriptor, { random: 'the random map', minus: 'minus' }),
      rank: `1 + number of methods whose ${summary} is ${descriptor.better === 'higher' ? 'larger' : 'smaller'} with a paired interval that excludes 0`,
      notes: result.notes,
    },
    paper: report.paper.reference,
    outputs: [...outputs].map(([name, bytes]) => ({
      name,
      mime: exportMimes[name],
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
