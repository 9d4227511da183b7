import { type StudyResults } from '../../../../shared/ratings/results';
import { markdownLine, markdownText } from '../../export/text/markdown';
import { fixed } from '../../export/text/numbers';
import {
  againstNames,
  agreementNames,
  correlationNames,
  datasetName,
  estimateText,
  kappaNotes,
  labelText,
  meanText,
  questionTables,
  questionTitle,
  shownAgreement,
  shownCorrelations,
  studyTitle,
  tableNotes,
  type TablesReport,
} from './tables';

/** The tables, agreement and correlations in GitHub's Markdown. */
export function tablesMarkdown({ results, version }: TablesReport): string {
  const parts = [`# ${markdownText(studyTitle(results))}`];
  for (const { number, title, rows } of questionTables(results)) {
    const name = markdownText(title);
    parts.push(
      number === null ? `## ${name}` : `## Table ${number}: ${name}`,
      table(
        ['Method', ...results.datasets.map(({ name }) => name)],
        rows.map(({ name, cells }) => [
          name,
          ...cells.map((cell) =>
            cell && cell.n > 0 ? `${labelText(cell)}; ${meanText(cell)}, n = ${cell.n}` : '–',
          ),
        ]),
      ),
    );
  }
  parts.push(
    list(tableNotes(results)),
    ...agreement(results),
    ...friedman(results),
    ...correlation(results),
    `Made with Saliency Studio ${version}.`,
  );
  return `${parts.join('\n\n')}\n`;
}

function agreement(results: StudyResults): string[] {
  const { rows, gaps } = shownAgreement(results);
  return part(
    'Agreement between raters',
    ['Question', 'Dataset', 'Statistic', 'Value [95% interval]'],
    rows.map(({ question, dataset, statistic, value, low, high }) => [
      questionTitle(results, question),
      datasetName(results, dataset),
      agreementNames[statistic],
      estimateText(value, low, high),
    ]),
    [...gaps, ...kappaNotes(results)],
  );
}

function friedman({ friedman: tests }: StudyResults): string[] {
  return tests.length === 0
    ? []
    : ['## Do the methods differ?', list(tests.map(({ sentence }) => sentence))];
}

function correlation(results: StudyResults): string[] {
  const { rows, gaps } = shownCorrelations(results);
  return part(
    'Correlation over methods',
    ['Scores', 'Against', 'Dataset', 'Statistic', 'Value [95% interval]', 'p', 'n'],
    rows.map(({ question, against, dataset, statistic, value, low, high, p, n }) => [
      questionTitle(results, question),
      againstNames[against],
      datasetName(results, dataset),
      correlationNames[statistic],
      estimateText(value, low, high),
      p === null ? '–' : fixed(p),
      String(n),
    ]),
    gaps,
  );
}

function part(
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  gaps: readonly string[],
): string[] {
  if (rows.length + gaps.length === 0) return [];
  return [
    `## ${title}`,
    ...(rows.length > 0 ? [table(header, rows)] : []),
    ...(gaps.length > 0 ? [list(gaps)] : []),
  ];
}

const list = (lines: readonly string[]) =>
  lines.map((line) => `- ${markdownLine(line)}`).join('\n');

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(header), `| ${header.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}
