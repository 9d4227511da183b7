import { formatCount } from '../../../../shared/format/counts';
import { formatLevel, percent } from '../../../../shared/format/numbers';
import { formatDuration } from '../../../../shared/format/times';
import { retrains } from '../../../../shared/catalogue/roar';
import {
  type FigureOptions,
  figureSvg,
  figureVariables,
  pageTheme,
} from '../../export/figure/figure';
import { claimSection } from '../../export/text/claims';
import { drawing, reportPage, section } from '../../export/text/page';
import { choiceSection, manifestSection, settingSection } from './context';
import { gridSection } from './grid-section';
import { protocolWords } from './protocol-words';
import { type RoarReport } from './report';
import { accuracySection, curveSection, methodSection } from './results';

/** One run as a page of its own. */
export async function reportHtml(report: RoarReport, figure: FigureOptions): Promise<string> {
  const { result, dataset } = report;
  const { run, curves, images, levels } = result;
  const ids = curves.map(({ method }) => method.id);
  const svg = await figureSvg(curves, { ...figure, theme: pageTheme });
  const best = curves
    .filter(({ method }) => method.group !== 'control')
    .sort((a, b) => b.advantage - a.advantage)[0];
  const toldApart = best?.advantageLow !== null;
  const first = levels[0]?.validationAccuracy ?? null;
  const last = levels[levels.length - 1];
  const { settings } = run;
  const retrained = retrains(settings.protocol);
  const words = protocolWords(settings.protocol);
  const levelRange = `${formatLevel(settings.levels[0] ?? 0)} to ${formatLevel(settings.levels.at(-1) ?? 0)}`;
  const ends = [first, ...(retrained ? [] : [last?.validationAccuracy ?? null])];
  const accuracies = ends.map((value) => (value === null ? '–' : percent(value))).join(' to ');
  return reportPage({
    title: `${run.name} – RemOve And Retrain on ${dataset.name}`,
    heading: run.name,
    lead: [
      `${words.name} on ${dataset.name}: ${formatCount(images.length)} images, `,
      `${formatCount(retrained ? result.retrained.length : levels.length)} models at levels `,
      `${levelRange}, ${curves.length} maps of each image.`,
    ],
    facts: [
      ['Largest advantage', toldApart ? (best?.method.name ?? '–') : 'not told apart'],
      [retrained ? 'Accuracy of the base model' : 'Validation accuracy', accuracies],
      ['Finished', run.finishedAt === null ? run.state : run.finishedAt.slice(0, 10)],
      ['Time', formatDuration(run.seconds)],
    ],
    font: figure.font,
    colours: { light: figureVariables(ids, 'light'), dark: figureVariables(ids, 'dark') },
    pictures: true,
    sections: [
      section(
        'figure',
        `${retrained ? 'Accuracy' : 'Scores'} against degradation level`,
        drawing(svg, 'Figure, scrolls sideways where it is too wide'),
      ),
      methodSection(report),
      retrained ? gridSection(report) : accuracySection(report),
      retrained
        ? ''
        : claimSection(
            result.claims,
            report.paper,
            'What this run says of each claim, and how it was judged.',
          ),
      curveSection(report),
      settingSection(report),
      choiceSection(report),
      manifestSection(report),
    ],
    source: { reference: report.paper.reference, version: report.version },
  });
}
