import { fixed, formatLevel, interval, percent } from '../../../../shared/format/numbers';
import { formatDuration } from '../../../../shared/format/times';
import { type Claim } from '../../../../shared/records';
import { repeatCommand } from '../../evaluation/report/command';
import { figuresSvg, figureVariables, pageTheme } from '../../export/figure/figure';
import { type Font } from '../../export/figure/font';
import { statedAccuracy, statedText } from '../../export/publication';
import { claimSection } from '../../export/text/claims';
import { htmlTable } from '../../export/text/html-table';
import { html, type Markup, type Piece } from '../../export/text/markup';
import { methodKeys } from '../../export/text/method-keys';
import { drawing, reportPage, section } from '../../export/text/page';
import { columns, numeric } from '../../export/text/table';
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

/** Methods as columns: their names are longer than what stands below. */
const css = `
thead .n{white-space:normal;min-width:58px}
tbody .n .range{white-space:nowrap}`;

/** An experiment as a page of its own. */
export async function experimentHtml(report: ExperimentReport, font: Font): Promise<string> {
  const { result, version, paper } = report;
  const { experiment, claims } = result;
  const members = reportedMembers(report);
  const methods = methodIds(members);
  const blocks = figureBlocks(members);
  const svg = await figuresSvg(blocks, { ...figuresOptions(members, font), theme: pageTheme });
  const seconds = members.reduce((sum, { result: { run } }) => sum + run.seconds, 0);
  const count = (verdict: Claim['verdict']) =>
    claims.filter((claim) => claim.verdict === verdict).length;
  const compare = experiment.kind === 'sensitivity';
  return reportPage({
    title: experiment.name,
    heading: experiment.name,
    lead: lead(report, members),
    facts: [
      ['Runs', members.length],
      ['Time of the runs', formatDuration(seconds)],
      [
        'Claims held, not held, undecided',
        `${count('held')}, ${count('not-held')}, ${count('undecided')}`,
      ],
    ],
    font,
    colours: { light: figureVariables(methods, 'light'), dark: figureVariables(methods, 'dark') },
    css,
    sections: [
      section(
        'ranks',
        compare ? 'How ranks move' : 'Ranks and advantages',
        rankTable(members, compare),
        ...memberNotes(members).map((note) => html`<p class="note"><strong>${note}</strong></p>`),
      ),
      section(
        'figures',
        'Scores against degradation level',
        drawing(svg, 'Figures, scroll sideways where they are too wide'),
      ),
      accuracySection(members, report),
      claimSection(
        claims,
        paper,
        'What these runs, and the ratings where a study is chosen, say of each claim, and how it was judged.',
      ),
      notRerunSection(report),
      memberSection(members),
    ],
    source: { reference: paper.reference, version },
  });
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
  return htmlTable(
    {
      caption: `Rank, and advantage over the random map (larger is better) with its 95% paired interval over images.${
        compare
          ? ' ρ: Spearman’s rank correlation of the advantages with those of the first row.'
          : ''
      }`,
      columns: [
        ...columns('Run'),
        ...(compare ? [numeric('ρ')] : []),
        ...methods.map(({ name }) => numeric(name)),
      ],
      rows: members.map((one, i) => {
        const { member, result } = one;
        const rho = rhos[i] ?? null;
        return [
          html`${memberTitle(one)}${
            member.variant ? html`<br />${muted(member.variant.reading)}` : ''
          }`,
          ...(compare ? [rho === null ? none : fixed(rho, 2)] : []),
          ...methods.map(({ id }): Piece => {
            const curve = curveOf(result.curves, id);
            if (!curve) return none;
            const { rank, advantage, advantageLow, advantageHigh } = curve;
            return html`<strong>${rank}</strong><br />${fixed(advantage)}<br />${muted(
                interval(advantageLow, advantageHigh, 2),
              )}`;
          }),
        ];
      }),
    },
    'wide',
  );
}

function accuracySection(members: readonly ReportedMember[], { paper }: ExperimentReport): Markup {
  const levels = [...new Set(members.flatMap(({ result }) => result.levels.map((l) => l.level)))];
  levels.sort((a, b) => a - b);
  const stated = members.some(({ member }) => member.dataset === paper.accuracies.dataset);
  const rows = members.map((one) => [
    memberTitle(one),
    ...levels.map((level) => {
      const accuracy = one.result.levels.find((l) => l.level === level)?.validationAccuracy ?? null;
      return accuracy === null ? none : percent(accuracy);
    }),
  ]);
  const paperRow = [
    'The paper, MNIST',
    ...levels.map((level) => {
      const entry = statedAccuracy(paper.accuracies, level);
      return entry ? statedText(entry) : none;
    }),
  ];
  return section(
    'accuracies',
    'Validation accuracies',
    htmlTable(
      {
        caption:
          'Of the model of each level, on validation images degraded at that level. The paper states accuracies for MNIST alone.',
        columns: [
          ...columns('Run'),
          ...levels.map((level) => numeric(`t = ${formatLevel(level)}`)),
        ],
        rows: stated ? [...rows, paperRow] : rows,
      },
      'wide',
    ),
  );
}

function notRerunSection({ result }: ExperimentReport): Markup {
  if (result.notRerun.length === 0) return html``;
  return section(
    'not-rerun',
    'Readings that were not rerun',
    htmlTable({
      caption: 'No setting holds them, or they mean nothing on this dataset.',
      columns: columns('Question', 'Reading'),
      rows: result.notRerun.map(({ question, reading }) => [question, reading]),
    }),
  );
}

function memberSection(members: readonly ReportedMember[]): Markup {
  const key = methodKeys(methodIds(members));
  return section(
    'runs',
    'The runs',
    htmlTable({
      caption: 'Each with the command that repeats it.',
      columns: [...columns('Run', 'State'), numeric('Time'), ...columns('Cuts', 'Command')],
      rows: members.map((one) => {
        const { member, result, full } = one;
        const methods = result.curves.map(({ method }) => method);
        return [
          memberTitle(one),
          result.run.state,
          formatDuration(result.run.seconds),
          result.cuts.length === 0 ? 'none' : result.cuts.join(', '),
          html`<code>${repeatCommand(member.run.settings, full, methods).line}</code>`,
        ];
      }),
    }),
    html`<h3>Methods</h3>`,
    html`<p class="note">
      ${shownMethods(members).map(
        ({ id, name, composition }) => html`${key(id)}${name}: <code>${composition}</code><br />`,
      )}
    </p>`,
  );
}
