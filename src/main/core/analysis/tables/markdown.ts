import { markedName } from '../../../../shared/catalogue/methods';
import { type StudyResults } from '../../../../shared/ratings/results';
import { markdownList, markdownTable, markdownText } from '../../export/text/markdown';
import { columns, type Table } from '../../export/text/table';
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

/** The tables, agreement and correlations in GitHub's Markdown. */
export function tablesMarkdown({ results, version }: TablesReport): string {
  const parts = [`# ${markdownText(studyTitle(results))}`];
  for (const table of questionTables(results)) {
    const name = markdownText(table.title);
    parts.push(
      table.number === null ? `## ${name}` : `## Table ${table.number}: ${name}`,
      markdownTable(questionTable(results, table)),
    );
  }
  parts.push(markdownList(tableNotes(results)));
  const [agreement, friedman, correlation] = [
    agreementPart(results),
    friedmanPart(results),
    correlationPart(results),
  ];
  if (agreement) parts.push(`## ${agreement.title}`, markdownTable(agreement.table));
  if (friedman) {
    // Its sentences say all that its columns would.
    parts.push(
      `## ${friedman.title}`,
      markdownList(results.friedman.map(({ sentence }) => sentence)),
    );
  }
  if (correlation) parts.push(`## ${correlation.title}`, markdownTable(correlation.table));
  parts.push(`Made with Saliency Studio ${version}.`);
  return `${parts.join('\n\n')}\n`;
}

function questionTable(results: StudyResults, { title, rows }: QuestionTable): Table {
  return {
    caption: title,
    columns: columns('Method', ...results.datasets.map(({ name }) => name)),
    rows: rows.map(({ id, name, cells }) => [
      markedName({ id, name }),
      ...cells.map((cell) =>
        cell && cell.n > 0 ? `${labelText(cell)}; ${meanText(cell)}, n = ${cell.n}` : '–',
      ),
    ]),
  };
}
