import { formatCount } from '../../../../shared/format/counts';
import { StudioError } from '../../../../shared/errors';
import { importedNotes } from '../../../../shared/catalogue/methods';
import { type RoarExportFormat } from '../../../../shared/export-formats';
import { summariesOf } from '../../../../shared/method-summary';
import { type FigureOptions } from '../../export/figure/figure';
import { openFont } from '../../export/figure/font';
import { pngOf } from '../../export/figure/png';
import { curvesCsv, scoresCsv, valuesCsv } from '../../export/text/csv';
import { cutsSentence } from './cuts';
import { reportHtml } from './html';
import { manifestJson } from './manifest';
import { runFigure } from './figure';
import { levelsInWords } from './levels-in-words';
import { type RoarReport } from './report';

/**
 * One file of a run's export. Equal inputs give equal bytes, so that files exported one by one
 * agree with the hashes in the manifest.
 *
 * @throws StudioError `conflict` if the run has no results yet, or its metric no such file.
 */
export async function roarOutput(
  format: RoarExportFormat,
  report: RoarReport,
): Promise<Uint8Array> {
  const { result, scores, metric } = report;
  const { descriptor } = metric;
  if (!descriptor.files.includes(format)) throw noSuchFile(format, report);
  if (summariesOf(result).length === 0 || scores?.scores.length === 0) {
    throw new StudioError({
      code: 'conflict',
      message: `${result.run.name} has no curves to export yet. Let it finish, or resume it.`,
      details: { run: result.run.id, state: result.run.state },
    });
  }
  switch (format) {
    case 'curves.csv':
      return encode(curvesCsv(result.curves, descriptor));
    case 'values.csv':
      return encode(valuesCsv(result.values ?? []));
    case 'scores.csv':
      if (!scores) throw noSuchFile(format, report);
      return encode(scoresCsv(scores, result.images, descriptor));
    case 'models.csv':
      return encode(metric.models.csv(result));
    case 'result.json':
      return encode(`${JSON.stringify(result, null, 2)}\n`);
    case 'figure.svg':
      return encode(await runFigure(result, { ...figureOptions(report), embedFont: true }));
    case 'figure.png':
      return pngOf(await runFigure(result, { ...figureOptions(report), text: 'paths' }));
    case 'report.html':
      return encode(await reportHtml(report, figureOptions(report)));
    case 'manifest.json':
      return encode(manifestJson(report, await otherOutputs(report)));
  }
}

/** Every file that a run of its metric has; the manifest names the sha256 of the others. */
export async function roarOutputs(
  report: RoarReport,
): Promise<ReadonlyMap<RoarExportFormat, Uint8Array>> {
  const outputs = await otherOutputs(report);
  return new Map([...outputs, ['manifest.json', encode(manifestJson(report, outputs))]]);
}

async function otherOutputs(report: RoarReport): Promise<Map<RoarExportFormat, Uint8Array>> {
  const outputs = new Map<RoarExportFormat, Uint8Array>();
  for (const format of report.metric.descriptor.files) {
    if (format !== 'manifest.json') outputs.set(format, await roarOutput(format, report));
  }
  return outputs;
}

function noSuchFile(format: RoarExportFormat, { metric, result }: RoarReport): StudioError {
  const { observation, files } = metric.descriptor;
  const why =
    observation === 'repetition'
      ? 'retrained its models: it has accuracies, in models.csv, and no scores of single images.'
      : `has no ${format}; it has ${files.join(', ')}.`;
  return new StudioError({ code: 'conflict', message: `${result.run.name} ${why}` });
}

function figureOptions({ result, metric, dataset, fonts }: RoarReport): FigureOptions {
  const methods = summariesOf(result).map(({ method }) => method);
  const proposed = methods.some(({ name }) => name.endsWith('*'));
  const { settings } = result.run;
  const { name, words, result: kind } = metric.descriptor;
  const count = result.images.length;
  const images = `${formatCount(count)} ${dataset.name} ${count === 1 ? 'image' : 'images'}`;
  const cuts = cutsSentence(result.cuts);
  const by =
    kind === 'curve' ? `against degradation level, ${levelsInWords(settings)}` : 'by method';
  return {
    title: `${name} on ${dataset.name}: ${words.mean.toLowerCase()} ${by}`,
    notes: [
      ...(cuts === null ? [] : [cuts]),
      // Where there are no bands, the run's own notes say so.
      ...metric.observations.figureNotes(metric, settings, images),
      ...result.notes,
      ...(proposed ? ['* Methods that the paper proposes.'] : []),
      ...importedNotes(methods),
    ],
    font: openFont(fonts),
    yTitle: words.axisInFull,
  };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
