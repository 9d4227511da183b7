import { tablesName } from '../../../../shared/ratings/questions';
import { type StudyResults, type TableCell } from '../../../../shared/ratings/results';
import { type Font } from '../../export/figure/font';
import { html, type Markup, raw } from '../../export/text/markup';
import { fixed, whole } from '../../export/text/numbers';
import { reportCss } from '../../export/text/page-css';
import { dataTable, section } from '../../export/text/table';
import {
  againstNames,
  agreementNames,
  correlationNames,
  datasetName,
  estimateText,
  kappaNotes,
  labelText,
  meanText,
  type QuestionTable,
  questionTables,
  questionTitle,
  shownAgreement,
  shownCorrelations,
  studyTitle,
  tableNotes,
  type TablesReport,
} from './tables';

const css = `
.label{font-weight:600}
.figures{color:var(--muted);font-size:12.5px;white-space:nowrap}
.paper{color:var(--open);font-size:12.5px}
.cell{display:flex;gap:18px;align-items:center;justify-content:space-between;max-width:280px}
.bars{flex:none;fill:var(--muted)}
.bars .axis{fill:var(--rule)}
td li,ul.notes li{margin:0 0 6px;max-width:78ch}`;

/**
 * The tables as a page of its own: no script, no other file, light or dark as the reader's system
 * is, fit for print.
 */
export function tablesHtml({ results, version, reference }: TablesReport, font: Font): string {
  const raters = results.raters.filter(({ excluded, ratings }) => !excluded && ratings > 0).length;
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
        <title>${studyTitle(results)} – ${tablesName(results.questions)}</title>
        <style>
          ${raw(`${font.css}${reportCss('', '', font.family)}${css}`)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${studyTitle(results)}</h1>
            <p class="lead">
              ${whole(results.counted)} ratings by ${whole(raters)}
              ${raters === 1 ? 'rater' : 'raters'}: ${results.methods.length} methods,
              ${results.datasets.length} ${results.datasets.length === 1 ? 'dataset' : 'datasets'}.
            </p>
          </header>
          ${questionTables(results).map((table) => tableSection(results, table))}
          ${section('notes', 'Notes', notesMarkup(tableNotes(results)))}
          ${agreementSection(results)} ${friedmanSection(results)} ${correlationSection(results)}
          <footer>
            <p>The paper: ${reference}. Made with Saliency Studio ${version}.</p>
          </footer>
        </main>
      </body>
    </html> `;
  return page.markup.trimEnd().concat('\n');
}

function tableSection(results: StudyResults, table: QuestionTable) {
  const { number, question, heading, title, labels, rows } = table;
  return section(
    // Ids of other sections are plain words, as a question's may be.
    number === null ? `question-${question}` : question,
    heading,
    dataTable(
      `${number === null ? title : `Table ${number}`}. Median label, mean score with its 95% interval, number of ratings and their distribution`,
      [{ title: 'Method' }, ...results.datasets.map(({ name }) => ({ title: name }))],
      rows.map(({ name, cells }) => ({
        head: name,
        cells: cells.map((cell) => cellMarkup(cell, labels)),
      })),
      'plain',
      number === null ? question : undefined,
    ),
  );
}

function cellMarkup(cell: TableCell | null, labels: readonly string[]): Markup {
  if (!cell || cell.n === 0) {
    return html`–${cell?.paper ? paperMarkup(cell.paper) : ''}`;
  }
  const differs = cell.paper !== null && cell.paper !== cell.label;
  return html`<div class="cell">
    <div>
      <span class="label">${labelText(cell)}</span><br />
      <span class="figures">${meanText(cell)}, n = ${cell.n}</span>
      ${differs && cell.paper ? paperMarkup(cell.paper) : ''}
    </div>
    ${bars(cell, labels)}
  </div>`;
}

const paperMarkup = (label: string): Markup =>
  html`<br /><span class="paper">the paper: ${label}</span>`;

/** How often each label was given, as bars and in words. */
function bars({ distribution }: TableCell, labels: readonly string[]): Markup {
  const most = Math.max(...distribution, 1);
  const words = distribution.map((count, i) => `${labels[i] ?? i + 1} ${count}`).join(', ');
  const width = 14 * distribution.length - 2;
  return html`<svg class="bars" width="${width}" height="22" role="img" aria-label="${words}">
    <rect class="axis" x="0" y="21" width="${width}" height="1" />
    ${distribution.map((count, i) => {
      const height = Math.round((200 * count) / most) / 10;
      return html`<rect
        x="${14 * i}"
        y="${fixed(21 - height, 1)}"
        width="12"
        height="${height}"
      />`;
    })}
  </svg>`;
}

function agreementSection(results: StudyResults): Markup {
  const { rows, gaps } = shownAgreement(results);
  if (rows.length + gaps.length === 0) return html``;
  return section(
    'agreement',
    'Agreement between raters',
    rows.length === 0
      ? ''
      : dataTable(
          'Agreement within each question and dataset, with 95% intervals',
          [{ title: 'Question' }, { title: 'Dataset' }, { title: 'Statistic' }, { title: 'Value' }],
          rows.map(({ question, dataset, statistic, value, low, high }) => ({
            head: questionTitle(results, question),
            cells: [
              datasetName(results, dataset),
              agreementNames[statistic],
              estimateText(value, low, high),
            ],
          })),
        ),
    notesMarkup([...gaps, ...kappaNotes(results)]),
  );
}

const notesMarkup = (notes: readonly string[]): Markup =>
  notes.length === 0
    ? html``
    : html`<ul class="notes">
        ${notes.map((note) => html`<li>${note}</li>`)}
      </ul>`;

function friedmanSection(results: StudyResults): Markup {
  if (results.friedman.length === 0) return html``;
  return section(
    'friedman',
    'Do the methods differ?',
    dataTable(
      'Friedman’s test within each dataset: treatments are methods, blocks images, values the raters’ means',
      [
        { title: 'Question' },
        { title: 'Dataset' },
        { title: 'Q', numeric: true },
        { title: 'Degrees', numeric: true },
        { title: 'p', numeric: true },
        { title: 'What it says' },
      ],
      results.friedman.map(({ question, dataset, statistic, degrees, p, sentence }) => ({
        head: questionTitle(results, question),
        cells: [
          datasetName(results, dataset),
          statistic === null ? '–' : fixed(statistic),
          degrees === null ? '–' : String(degrees),
          p === null ? '–' : fixed(p),
          sentence,
        ],
      })),
    ),
  );
}

function correlationSection(results: StudyResults): Markup {
  const { rows, gaps } = shownCorrelations(results);
  if (rows.length + gaps.length === 0) return html``;
  return section(
    'correlation',
    'Correlation over methods',
    rows.length === 0
      ? ''
      : dataTable(
          'Mean scores against ROAR’s advantage and against each other, with 95% intervals',
          [
            { title: 'Scores' },
            { title: 'Against' },
            { title: 'Dataset' },
            { title: 'Statistic' },
            { title: 'Value' },
            { title: 'p', numeric: true },
            { title: 'n', numeric: true },
          ],
          rows.map(({ question, against, dataset, statistic, value, low, high, p, n }) => ({
            head: questionTitle(results, question),
            cells: [
              againstNames[against],
              datasetName(results, dataset),
              correlationNames[statistic],
              estimateText(value, low, high),
              p === null ? '–' : fixed(p),
              String(n),
            ],
          })),
        ),
    notesMarkup(gaps),
  );
}
