import { StudioError } from '../../../shared/errors';
import { roarExportFormats } from '../../../shared/routes';
import { curvesCsv, modelsCsv, scoresCsv } from './csv';
import { figureSvg, type FigureOptions } from './figure';
import { figurePng } from './figure-png';
import { openFont } from './font';
import { manifestJson } from './manifest';
import { levelText, whole } from './numbers';
import { type RoarExportFormat, type RoarReport } from './report';
import { reportHtml } from './report-html';

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
  if (result.curves.length === 0 || scores.scores.length === 0) {
    throw new StudioError({
      code: 'conflict',
      message: `${result.run.name} has no curves to export yet. Let it finish, or resume it.`,
      details: { run: result.run.id, state: result.run.state },
    });
  }
  switch (format) {
    case 'curves.csv':
      return encode(curvesCsv(result.curves));
    case 'scores.csv':
      return encode(scoresCsv(scores, result.images));
    case 'models.csv':
      return encode(modelsCsv(result.levels));
    case 'result.json':
      return encode(`${JSON.stringify(result, null, 2)}\n`);
    case 'figure.svg':
      return encode(figureSvg(result.curves, { ...figureOptions(report), embedFont: true }));
    case 'figure.png':
      return figurePng(result.curves, figureOptions(report));
    case 'report.html':
      return encode(reportHtml(report, figureOptions(report)));
    case 'manifest.json':
      return encode(manifestJson(report, await otherOutputs(report)));
  }
}

/** Every file of `roarExportFormats` for one run; the manifest names the sha256 of the others. */
export async function roarOutputs(
  report: RoarReport,
): Promise<ReadonlyMap<RoarExportFormat, Uint8Array>> {
  const outputs = await otherOutputs(report);
  return new Map([...outputs, ['manifest.json', encode(manifestJson(report, outputs))]]);
}

async function otherOutputs(report: RoarReport): Promise<Map<RoarExportFormat, Uint8Array>> {
  const outputs = new Map<RoarExportFormat, Uint8Array>();
  for (const format of roarExportFormats) {
    if (format !== 'manifest.json') outputs.set(format, await roarOutput(format, report));
  }
  return outputs;
}

function figureOptions({ result, dataset, resources }: RoarReport): FigureOptions {
  const proposed = result.curves.some(({ method }) => method.name.endsWith('*'));
  const { levels } = result.run.settings;
  return {
    title: `RemOve And Retrain on ${dataset.name}: mean score against degradation level, ${levelText(levels[0] ?? 0)} to ${levelText(levels[levels.length - 1] ?? 0)}`,
    notes: [
      `Mean over ${whole(result.images.length)} ${dataset.name} images. Bands: 95% paired percentile bootstrap intervals over images, conditional on the trained models.`,
      ...(proposed ? ['* Methods that the paper proposes.'] : []),
    ],
    font: openFont(resources),
  };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
