import { markedName } from '../../../../shared/catalogue/methods';
import { counted, formatCount } from '../../../../shared/format/counts';
import { fixed } from '../../../../shared/format/numbers';
import { tablesName } from '../../../../shared/ratings/questions';
import { type StudyResults, type TableCell } from '../../../../shared/ratings/results';
import { type Font } from '../../export/figure/font';
import { htmlNotes, htmlTable } from '../../export/text/html-table';
import { html, type Markup } from '../../export/text/markup';
import { reportPage, section } from '../../export/text/page';
import { columns } from '../../export/text/table';
import { agreementPart, correlationPart, friedmanPart } from './parts';
import {
  labelText,
  meanText,
  type QuestionTable,
  questionTables,
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

/** The tables as a page of its own. */
export function tablesHtml({ results, version, reference }: TablesReport, font: Font): string {
  const raters = results.raters.filter(({ excluded, ratings }) => !excluded && ratings > 0).length;
  const parts = [agreementPart(results), friedmanPart(results), correlationPart(results)];
  return reportPage({
    title: `${studyTitle(results)} – ${tablesName(results.questions)}`,
    heading: studyTitle(results),
    lead: `${formatCount(results.counted)} ratings by ${counted(raters, 'rater')}: ${results.methods.length} methods, ${counted(results.datasets.length, 'dataset')}.`,
    font,
    css,
    sections: [
      questionTables(results).map((table) => tableSection(results, table)),
      section('notes', 'Notes', htmlNotes(tableNotes(results))),
      parts.map((part) => (part ? section(part.id, part.title, htmlTable(part.table)) : '')),
    ],
    source: { reference, version },
  });
}

function tableSection(results: StudyResults, table: QuestionTable) {
  const { number, question, heading, title, labels, rows } = table;
  return section(
    // Ids of other sections are plain words, as a question's may be.
    number === null ? `question-${question}` : question,
    heading,
    htmlTable(
      {
        caption: `${number === null ? title : `Table ${number}`}. Median label, mean score with its 95% interval, number of ratings and their distribution`,
        columns: columns('Method', ...results.datasets.map(({ name }) => name)),
        rows: rows.map(({ id, name, cells }) => [
          markedName({ id, name }),
          ...cells.map((cell) => cellMarkup(cell, labels)),
        ]),
      },
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
