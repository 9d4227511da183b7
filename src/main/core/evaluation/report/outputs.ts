import { retrains } from '../../../../shared/catalogue/roar';
import { StudioError } from '../../../../shared/errors';
import { roarFormats } from '../../../../shared/routes';
import { type FigureOptions, figureSvg } from '../../export/figure/figure';
import { openFont } from '../../export/figure/font';
import { figurePng } from '../../export/figure/png';
import { curvesCsv, modelsCsv, retrainedCsv, scoresCsv } from '../../export/text/csv';
import { levelText, whole } from '../../export/text/numbers';
import { cutsSentence } from './cuts';
import { reportHtml } from './html';
import { manifestJson } from './manifest';
import { hasIntervals, intervalSentence, protocolWords } from './protocol-words';
import { type RoarExportFormat, type RoarReport } from './report';

/**
 * One file of a run's export. Equal inputs give equal bytes, so that files exported one by one
 * agree with the hashes in the manifest.
 *
 * @throws StudioError `conflict` if the run has no curves yet.
 */
export async function roarOutput(
  format: RoarExportFormat,
  report: RoarReport,
): Promise<Uint8Array> {
  const { result, scores } = report;
  const { protocol } = result.run.settings;
  if (result.curves.length === 0 || scores?.scores.length === 0) {
    throw new StudioError({
      code: 'conflict',
      message: `${result.run.name} has no curves to export yet. Let it finish, or resume it.`,
      details: { run: result.run.id, state: result.run.state },
    });
  }
  switch (format) {
    case 'curves.csv':
      return encode(curvesCsv(result.curves, protocol));
    case 'scores.csv':
      if (!scores) throw noScores(result.run.name);
      return encode(scoresCsv(scores, result.images));
    case 'models.csv':
      return encode(retrains(protocol) ? retrainedCsv(result) : modelsCsv(result.levels));
    case 'result.json':
      return encode(`${JSON.stringify(result, null, 2)}\n`);
    case 'figure.svg':
      return encode(await figureSvg(result.curves, { ...figureOptions(report), embedFont: true }));
    case 'figure.png':
      return figurePng(result.curves, figureOptions(report));
    case 'report.html':
      return encode(await reportHtml(report, figureOptions(report)));
    case 'manifest.json':
      return encode(manifestJson(report, await otherOutputs(report)));
  }
}

/** Every file that a run of its protocol has (`roarFormats`); the manifest names the sha256 of the others. */
export async function roarOutputs(
  report: RoarReport,
): Promise<ReadonlyMap<RoarExportFormat, Uint8Array>> {
  const outputs = await otherOutputs(report);
  return new Map([...outputs, ['manifest.json', encode(manifestJson(report, outputs))]]);
}

async function otherOutputs(report: RoarReport): Promise<Map<RoarExportFormat, Uint8Array>> {
  const outputs = new Map<RoarExportFormat, Uint8Array>();
  for (const format of roarFormats(report.result.run.settings.protocol)) {
    if (format !== 'manifest.json') outputs.set(format, await roarOutput(format, report));
  }
  return outputs;
}

function noScores(run: string): StudioError {
  return new StudioError({
    code: 'conflict',
    message: `${run} retrained its models: it has accuracies, in models.csv, and no scores of single images.`,
  });
}

function figureOptions({ result, dataset, fonts }: RoarReport): FigureOptions {
  const proposed = result.curves.some(({ method }) => method.name.endsWith('*'));
  const { settings } = result.run;
  const { levels, protocol } = settings;
  const words = protocolWords(protocol);
  const range = `${levelText(levels[0] ?? 0)} to ${levelText(levels[levels.length - 1] ?? 0)}`;
  const count = result.images.length;
  const images = `${whole(count)} ${dataset.name} ${count === 1 ? 'image' : 'images'}`;
  // Where there are none, the run's own notes say so.
  const bands = hasIntervals(settings);
  const notes = retrains(protocol)
    ? [
        `${words.measured}; ${images}.`,
        ...(bands ? [intervalSentence(settings, 'Bands')] : []),
        words.better,
      ]
    : [
        `Mean over ${images}.${
          bands
            ? ' Bands: 95% paired percentile bootstrap intervals over images, conditional on the trained models.'
            : ''
        }`,
      ];
  const cuts = cutsSentence(result.cuts);
  return {
    title: `${words.name} on ${dataset.name}: ${words.measure.toLowerCase()} against degradation level, ${range}`,
    notes: [
      ...(cuts === null ? [] : [cuts]),
      ...notes,
      ...result.notes,
      ...(proposed ? ['* Methods that the paper proposes.'] : []),
    ],
    font: openFont(fonts),
    yTitle: words.yTitle,
  };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
