import { type ResultFormat, resultFormats } from '../../../shared/ratings/results';

/** What each export holds, in a line. */
const tableDescriptions: Readonly<Record<ResultFormat, string>> = {
  csv: 'Every cell with median, mean, interval, n and distribution',
  latex: 'The tables for a paper, with booktabs',
  markdown: 'Tables and statistics as text',
  html: 'A page with tables and statistics, in one file',
  json: 'Tables, agreement and correlation for programs',
  png: 'A picture of all tables, as pixels',
  svg: 'A picture of all tables, to be scaled',
  kappas: 'Kappa of every two raters who share a map, one pair a row: CSV',
};

const otherExports = ['ratings', 'archive'] as const;
type OtherExport = (typeof otherExports)[number];
export type ResultExport = ResultFormat | OtherExport;

const otherDescriptions: Readonly<Record<OtherExport, string>> = {
  ratings: 'Every label, one a row, whatever the filters: long CSV',
  archive: 'The whole study as one ZIP, for another installation',
};

/** Every file that a study's results can be saved as; tables are those under the filters. */
export const resultExports = (filtered: boolean) => [
  ...resultFormats.map((what) => ({
    what,
    holds: `${tableDescriptions[what]}${filtered ? ', under the filters' : ''}`,
  })),
  ...otherExports.map((what, i) => ({ what, holds: otherDescriptions[what], divided: i === 0 })),
];
