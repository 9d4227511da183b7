import { createHash } from 'node:crypto';
import { retrains } from '../../../../shared/catalogue/roar';
import { repeatCommand } from './command';
import { hasIntervals, intervalSentence, protocolWords } from './protocol-words';
import { exportMimes, methodsOf, type RoarExportFormat, type RoarReport } from './report';

export const manifestFormat = 'saliency-studio/roar-manifest';
export const manifestVersion = 1;

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
  const { result, dataset, artifacts, version } = report;
  const { run, engine, levels, images, retrained } = result;
  const { settings } = run;
  const methods = methodsOf(report);
  const words = protocolWords(settings.protocol);
  const command = repeatCommand(settings, report.full.settings, methods);
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
    ...(retrains(settings.protocol) ? { retrained } : {}),
    artifacts,
    statistics: {
      ...(retrains(settings.protocol)
        ? {
            interval: hasIntervals(settings)
              ? '95% Student-t over repetitions, differences taken within a repetition'
              : intervalSentence(settings, 'Intervals'),
            repetitions: settings.repetitions,
          }
        : {
            interval: hasIntervals(settings)
              ? '95% paired percentile bootstrap over images, conditional on the trained models'
              : intervalSentence(settings, 'Intervals'),
            quantile: 'linear interpolation (Hyndman and Fan 1996, definition 7)',
            resamples: settings.resamples,
          }),
      area: 'trapezoid over the span of levels, not divided by it',
      advantage: words.advantage,
      rank: `1 + number of methods whose area is ${settings.protocol === 'keep-and-retrain' ? 'larger' : 'smaller'} with a paired interval that excludes 0`,
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
