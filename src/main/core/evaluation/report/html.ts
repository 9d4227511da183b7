import { retrains } from '../../../../shared/catalogue/roar';
import {
  type FigureOptions,
  figureSvg,
  figureVariables,
  pageTheme,
} from '../../export/figure/figure';
import { html, raw } from '../../export/text/markup';
import { duration, levelText, percent, whole } from '../../export/text/numbers';
import { reportCss } from '../../export/text/page-css';
import { choiceSection, claimSection, manifestSection, settingSection } from './context';
import { gridSection } from './grid-section';
import { protocolWords } from './protocol-words';
import { type RoarReport } from './report';
import { accuracySection, curveSection, methodSection } from './results';

/**
 * One run as a page of its own: no script, no other file, light or dark as the reader's system is,
 * fit for print.
 */
export async function reportHtml(report: RoarReport, figure: FigureOptions): Promise<string> {
  const { result, dataset } = report;
  const { run, curves, images, levels } = result;
  const ids = curves.map(({ method }) => method.id);
  const drawn = await figureSvg(curves, { ...figure, theme: pageTheme });
  // Inside HTML the namespace is implied.
  const svg = drawn.replace(' xmlns="http://www.w3.org/2000/svg"', '');
  const best = curves
    .filter(({ method }) => method.group !== 'control')
    .sort((a, b) => b.advantage - a.advantage)[0];
  const toldApart = best?.advantageLow !== null;
  const first = levels[0]?.validationAccuracy ?? null;
  const last = levels[levels.length - 1];
  const { settings } = run;
  const retrained = retrains(settings.protocol);
  const words = protocolWords(settings.protocol);
  const levelRange = `${levelText(settings.levels[0] ?? 0)} to ${levelText(settings.levels.at(-1) ?? 0)}`;
  const ends = [first, ...(retrained ? [] : [last?.validationAccuracy ?? null])];
  const accuracies = ends.map((value) => (value === null ? '–' : percent(value))).join(' to ');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${run.name} – RemOve And Retrain on ${dataset.name}</title>
        <style>
          ${raw(`${figure.font.css}${reportCss(figureVariables(ids, 'light'), figureVariables(ids, 'dark'), figure.font.family)}`)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${run.name}</h1>
            <p class="lead">
              ${words.name} on ${dataset.name}: ${whole(images.length)} images,
              ${whole(retrained ? result.retrained.length : levels.length)} models at levels
              ${levelRange}, ${curves.length} maps of each image.
            </p>
            <dl class="facts">
              <div>
                <dt>Largest advantage</dt>
                <dd>${toldApart ? (best?.method.name ?? '–') : 'not told apart'}</dd>
              </div>
              <div>
                <dt>${retrained ? 'Accuracy of the base model' : 'Validation accuracy'}</dt>
                <dd>${accuracies}</dd>
              </div>
              <div>
                <dt>Finished</dt>
                <dd>${run.finishedAt === null ? run.state : run.finishedAt.slice(0, 10)}</dd>
              </div>
              <div>
                <dt>Time</dt>
                <dd>${duration(run.seconds)}</dd>
              </div>
            </dl>
          </header>
          <section aria-labelledby="figure">
            <h2 id="figure">${retrained ? 'Accuracy' : 'Scores'} against degradation level</h2>
            <figure tabindex="0" aria-label="Figure, scrolls sideways where it is too wide">
              ${raw(svg)}
            </figure>
          </section>
          ${methodSection(report)} ${retrained ? gridSection(report) : accuracySection(report)}
          ${retrained ? '' : claimSection(report)} ${curveSection(report)} ${settingSection(report)}
          ${choiceSection(report)} ${manifestSection(report)}
          <footer>
            <p>
              The paper: ${report.paper.reference}. Made with Saliency Studio ${report.version}.
            </p>
          </footer>
        </main>
      </body>
    </html> `;
  return page.markup.trimEnd().concat('\n');
}
