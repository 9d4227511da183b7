import { type StudyResults } from '../../../shared/ratings/results';
import {
  againstNames,
  agreementNames,
  correlationNames,
  datasetName,
  estimateText,
  labelText,
  meanText,
  overallAgreement,
  questionTables,
  questionTitle,
  studyTitle,
  tableNotes,
  type TablesReport,
} from './tables';
import { fixed } from './numbers';

/** Both tables, agreement and correlations in GitHub's Markdown. */
export function tablesMarkdown({ results, version }: TablesReport): string {
  const parts = [`# ${text(studyTitle(results))}`];
  for (const { number, title, rows } of questionTables(results)) {
    parts.push(
      `## Table ${number}: ${text(title)}`,
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
    tableNotes(results)
      .map((note) => `- ${text(note)}`)
      .join('\n'),
    ...agreement(results),
    ...correlation(results),
    `Made with Saliency Studio ${version}.`,
  );
  return `${parts.join('\n\n')}\n`;
}

function agreement(results: StudyResults): string[] {
  const rows = overallAgreement(results);
  if (rows.length === 0) return [];
  return [
    '## Agreement between raters',
    table(
      ['Question', 'Dataset', 'Statistic', 'Value (95% interval)', 'Why not'],
      rows.map(({ question, dataset, statistic, value, low, high, reason }) => [
        questionTitle(results, question),
        datasetName(results, dataset),
        agreementNames[statistic],
        estimateText(value, low, high),
        reason ?? '',
      ]),
    ),
  ];
}

function correlation(results: StudyResults): string[] {
  if (results.correlation.length === 0) return [];
  return [
    '## Correlation',
    table(
      [
        'Mean scores',
        'Against',
        'Dataset',
        'Statistic',
        'Value (95% interval)',
        'p',
        'n',
        'Why not',
      ],
      results.correlation.map(
        ({ question, against, dataset, statistic, value, low, high, p, n, reason }) => [
          questionTitle(results, question),
          againstNames[against],
          datasetName(results, dataset),
          correlationNames[statistic],
          estimateText(value, low, high),
          p === null ? '–' : fixed(p),
          String(n),
          reason ?? '',
        ],
      ),
    ),
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
  return [line(header), `| ${header.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Text that Markdown shows as it is, within one line; a literal * stays a *. */
function text(words: string): string {
  return words
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>#|~&]/g, (character) => entities[character] ?? `\\${character}`)
    .trim();
}

const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };
