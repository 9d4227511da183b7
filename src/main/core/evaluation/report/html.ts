import { formatCount } from '../../../../shared/format/counts';
import { percent } from '../../../../shared/format/numbers';
import { formatDuration } from '../../../../shared/format/times';
import { markedName } from '../../../../shared/catalogue/methods';
import { summariesOf } from '../../../../shared/method-summary';
import { type FigureOptions, figureVariables, pageTheme } from '../../export/figure/figure';
import { claimSection } from '../../export/text/claims';
import { drawing, reportPage, section } from '../../export/text/page';
import { choiceSection, manifestSection, settingSection } from './context';
import { runFigure } from './figure';
import { type RoarReport } from './report';
import { curveSection, methodSection } from './results';

/** One run as a page of its own. */
export async function reportHtml(report: RoarReport, figure: FigureOptions): Promise<string> {
  const { result, dataset, metric } = report;
  const { run, images } = result;
  const summaries = summariesOf(result);
  const ids = summaries.map(({ method }) => method.id);
  const svg = await runFigure(result, { ...figure, theme: pageTheme });
  const best = summaries
    .filter(({ method }) => method.group !== 'control')
    .sort((a, b) => b.advantage - a.advantage)[0];
  const toldApart = best?.advantageLow !== null;
  const { name, words } = metric.descriptor;
  const fact = metric.models.fact(result);
  const accuracies = fact.accuracies.map((value) => (value === null ? '–' : percent(value)));
  return reportPage({
    title: `${run.name} – ${words.family} on ${dataset.name}`,
    heading: run.name,
    lead: [
      `${name} on ${dataset.name}: ${formatCount(images.length)} images, `,
      `${metric.models.inWords(result)}, ${summaries.length} maps of each image.`,
    ],
    facts: [
      ['Largest advantage', toldApart ? (best ? markedName(best.method) : '–') : 'not told apart'],
      [fact.name, accuracies.join(' to ')],
      ['Finished', run.finishedAt === null ? run.state : run.finishedAt.slice(0, 10)],
      ['Time', formatDuration(run.seconds)],
    ],
    font: figure.font,
    colours: { light: figureVariables(ids, 'light'), dark: figureVariables(ids, 'dark') },
    pictures: true,
    sections: [
      section(
        'figure',
        words.figure,
        drawing(svg, 'Figure, scrolls sideways where it is too wide'),
      ),
      methodSection(report),
      metric.models.section(report),
      metric.descriptor.judged
        ? claimSection(
            result.claims,
            report.paper,
            'What this run says of each claim, and how it was judged.',
          )
        : '',
      result.curves.length > 0 ? curveSection(report) : '',
      settingSection(report),
      choiceSection(report),
      manifestSection(report),
    ],
    source: { reference: report.paper.reference, version: report.version },
  });
}
