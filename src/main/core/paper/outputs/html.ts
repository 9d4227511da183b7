import { sayingOfPaper } from '../../../../shared/paper-section';
import { type Claim } from '../../../../shared/records';
import { repeatCommand } from '../../evaluation/report/command';
import { figuresSvg, figureVariables, pageTheme } from '../../export/figure/figure';
import { type Font } from '../../export/figure/font';
import { statedAccuracy } from '../../export/publication';
import { html, type Markup, type Piece, raw } from '../../export/text/markup';
import { duration, fixed, interval, levelText, percent } from '../../export/text/numbers';
import { reportCss } from '../../export/text/page-css';
import { dataTable, methodKeys, section } from '../../export/text/table';
import { figureBlocks, figuresOptions } from './figures';
import {
  type ExperimentReport,
  memberNotes,
  memberTitle,
  type ReportedMember,
  reportedMembers,
} from './report';
import { curveOf, rankCorrelations, shownMethods } from './tables';

const none = '–';
const muted = (piece: Piece): Markup => html`<span class="range">${piece}</span>`;
const verdicts: readonly { id: Claim['verdict']; name: string }[] = [
  { id: 'held', name: 'Held' },
  { id: 'not-held', name: 'Not held' },
  { id: 'undecided', name: 'Undecided' },
];

/** Methods as columns: their names are longer than what stands below. */
const css = `
thead .n{white-space:normal;min-width:58px}
tbody .n .range{white-space:nowrap}`;

/**
 * An experiment as a page of its own: no script, no other file, light or dark as the reader's
 * system is, fit for print.
 */
export async function experimentHtml(report: ExperimentReport, font: Font): Promise<string> {
  const { result, version, paper } = report;
  const { experiment, claims } = result;
  const members = reportedMembers(report);
  const methods = methodIds(members);
  const blocks = figureBlocks(members);
  const drawn = await figuresSvg(blocks, { ...figuresOptions(members, font), theme: pageTheme });
  // Inside HTML the namespace is implied.
  const svg = drawn.replace(' xmlns="http://www.w3.org/2000/svg"', '');
  const colours = (scheme: 'light' | 'dark') => figureVariables(methods, scheme);
  const seconds = members.reduce((sum, { result: { run } }) => sum + run.seconds, 0);
  const count = (verdict: Claim['verdict']) =>
    claims.filter((claim) => claim.verdict === verdict).length;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; font-src data:"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${experiment.name}</title>
        <style>
          ${raw(`${font.css}${reportCss(colours('light'), colours('dark'), font.family)}${css}`)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${experiment.name}</h1>
            <p class="lead">${lead(report, members)}</p>
            <dl class="facts">
              <div>
                <dt>Runs</dt>
                <dd>${members.length}</dd>
              </div>
              <div>
                <dt>Time of the runs</dt>
                <dd>${duration(seconds)}</dd>
              </div>
              <div>
                <dt>Claims held, not held, undecided</dt>
                <dd>${count('held')}, ${count('not-held')}, ${count('undecided')}</dd>
              </div>
            </dl>
          </header>
          ${section(
            'ranks',
            experiment.kind === 'sensitivity' ? 'How ranks move' : 'Ranks and advantages',
            rankTable(members, experiment.kind === 'sensitivity'),
            ...memberNotes(members).map(
              (note) => html`<p class="note"><strong>${note}</strong></p>`,
            ),
          )}
          ${section(
            'figures',
            'Scores against degradation level',
            html`<figure tabindex="0" aria-label="Figures, scroll sideways where they are too wide">
              ${raw(svg)}
            </figure>`,
          )}
          ${accuracySection(members, report)} ${claimSection(report)} ${notRerunSection(report)}
          ${memberSection(members)}
          <footer>
            <p>The paper: ${paper.reference}. Made with Saliency Studio ${version}.</p>
          </footer>
        </main>
      </body>
    </html> `;
  return page.markup.trimEnd().concat('\n');
}

/** Of every method that any figure of the page shows. */
const methodIds = (members: readonly ReportedMember[]): string[] => [
  ...new Set(members.flatMap(({ result }) => result.curves.map(({ method }) => method.id))),
];

function lead({ result }: ExperimentReport, members: readonly ReportedMember[]): string {
  const open = members.filter((one) => one.result.run.state !== 'done').length;
  const cut = members.some((one) => one.result.cuts.length > 0);
  return [
    result.experiment.kind === 'sensitivity'
      ? 'One run by our reading of the paper, and one for each other reading that a setting holds, with nothing else changed.'
      : 'The paper’s protocol on its datasets: the figures, the accuracies beside the paper’s, and its claims judged one by one.',
    open > 0 ? `${open} of ${members.length} runs are not finished.` : null,
    cut
      ? 'Where a run is smaller than the paper’s it is a check of the plumbing: see its caption.'
      : null,
  ]
    .filter((part) => part !== null)
    .join(' ');
}

function rankTable(members: readonly ReportedMember[], compare: boolean): Markup {
  const methods = shownMethods(members);
  const rhos = rankCorrelations(members);
  const title = (id: string, name: string) => ({ title: name, numeric: true, id });
  return dataTable(
    `Rank, and advantage over the random map (larger is better) with its 95% paired interval over images.${
      compare
        ? ' ρ: Spearman’s rank correlation of the advantages with those of the first row.'
        : ''
    }`,
    [
      { title: 'Run' },
      ...(compare ? [{ title: 'ρ', numeric: true }] : []),
      ...methods.map(({ id, name }) => title(id, name)),
    ],
    members.map(({ member, result }, i) => {
      const rho = rhos[i] ?? null;
      return {
        head: html`${memberTitle(member)}${
          member.variant ? html`<br />${muted(member.variant.reading)}` : ''
        }`,
        cells: [
          ...(compare ? [rho === null ? none : fixed(rho, 2)] : []),
          ...methods.map(({ id }): Piece => {
            const curve = curveOf(result.curves, id);
            if (!curve) return none;
            const { rank, advantage, advantageLow, advantageHigh } = curve;
            return html`<strong>${rank}</strong><br />${fixed(advantage)}<br />${muted(
                interval(advantageLow, advantageHigh, 2),
              )}`;
          }),
        ],
      };
    }),
    'wide',
  );
}

function accuracySection(members: readonly ReportedMember[], { paper }: ExperimentReport): Markup {
  const levels = [...new Set(members.flatMap(({ result }) => result.levels.map((l) => l.level)))];
  levels.sort((a, b) => a - b);
  const stated = members.some(({ member }) => member.dataset === paper.accuracies.dataset);
  const rows = members.map(({ member, result }) => ({
    head: memberTitle(member),
    cells: levels.map((level) => {
      const accuracy = result.levels.find((l) => l.level === level)?.validationAccuracy ?? null;
      return accuracy === null ? none : percent(accuracy);
    }),
  }));
  const paperRow = {
    head: 'The paper, MNIST',
    cells: levels.map((level) => {
      const entry = statedAccuracy(paper.accuracies, level);
      return entry ? `${entry.above ? '> ' : ''}${percent(entry.accuracy, 0)}` : none;
    }),
  };
  return section(
    'accuracies',
    'Validation accuracies',
    dataTable(
      'Of the model of each level, on validation images degraded at that level. The paper states accuracies for MNIST alone.',
      [
        { title: 'Run' },
        ...levels.map((level) => ({ title: `t = ${levelText(level)}`, numeric: true })),
      ],
      stated ? [...rows, paperRow] : rows,
      'wide',
    ),
  );
}

function claimSection({ result, paper }: ExperimentReport): Markup {
  const order = ({ verdict }: Claim) => (verdict === 'undecided' ? 1 : 0);
  const criterion = (claim: Claim) =>
    paper.claims.find(({ id }) => id === claim.id)?.criterion ?? '';
  const name = ({ verdict }: Claim) => verdicts.find(({ id }) => id === verdict)?.name ?? verdict;
  return section(
    'claims',
    'The paper’s claims',
    dataTable(
      'What these runs, and the ratings where a study is chosen, say of each claim, and how it was judged.',
      ['Claim', 'Verdict', 'Figures'].map((title) => ({ title })),
      [...result.claims]
        .sort((a, b) => order(a) - order(b))
        .map((claim) => ({
          head: sayingOfPaper(claim.section, claim.says),
          cells: [
            html`<span class="verdict ${claim.verdict}">${name(claim)}</span>`,
            html`${claim.evidence}<br />${muted(criterion(claim))}`,
          ],
        })),
    ),
  );
}

function notRerunSection({ result }: ExperimentReport): Markup {
  if (result.notRerun.length === 0) return html``;
  return section(
    'not-rerun',
    'Readings that were not rerun',
    dataTable(
      'No setting holds them, or they mean nothing on this dataset.',
      [{ title: 'Question' }, { title: 'Reading' }],
      result.notRerun.map(({ question, reading }) => ({ head: question, cells: [reading] })),
    ),
  );
}

function memberSection(members: readonly ReportedMember[]): Markup {
  const key = methodKeys(methodIds(members));
  return section(
    'runs',
    'The runs',
    dataTable(
      'Each with the command that repeats it.',
      [
        { title: 'Run' },
        { title: 'State' },
        { title: 'Time', numeric: true },
        { title: 'Cuts' },
        { title: 'Command' },
      ],
      members.map(({ member, result }) => ({
        head: memberTitle(member),
        cells: [
          result.run.state,
          duration(result.run.seconds),
          result.cuts.length === 0 ? 'none' : result.cuts.join(', '),
          html`<code
            >${
              repeatCommand(
                member.run.settings,
                result.curves.map(({ method }) => method),
              ).line
            }</code
          >`,
        ],
      })),
    ),
    html`<h3>Methods</h3>`,
    html`<p class="note">
      ${shownMethods(members).map(
        ({ id, name, composition }) => html`${key(id)}${name}: <code>${composition}</code><br />`,
      )}
    </p>`,
  );
}
