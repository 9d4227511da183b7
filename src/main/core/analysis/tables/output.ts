import { type ResultFormat, type TableFormat } from '../../../../shared/ratings/results';
import { openFont } from '../../export/figure/font';
import { pngOf } from '../../export/figure/png';
import { tablesCsv } from './csv';
import { tablesSvg } from './figure';
import { tablesHtml } from './html';
import { tablesJson } from './json';
import { tablesLatex } from './latex';
import { tablesMarkdown } from './markdown';
import { type TablesReport } from './tables';

export const resultFiles: Readonly<Record<ResultFormat, { name: string; mime: string }>> = {
  csv: { name: 'tables.csv', mime: 'text/csv; charset=utf-8' },
  latex: { name: 'tables.tex', mime: 'application/x-tex' },
  markdown: { name: 'tables.md', mime: 'text/markdown; charset=utf-8' },
  html: { name: 'tables.html', mime: 'text/html; charset=utf-8' },
  json: { name: 'tables.json', mime: 'application/json' },
  png: { name: 'tables.png', mime: 'image/png' },
  svg: { name: 'tables.svg', mime: 'image/svg+xml' },
  kappas: { name: 'kappas.csv', mime: 'text/csv; charset=utf-8' },
};

/** The tables in one format. Equal inputs give equal bytes. */
export async function tablesOutput(format: TableFormat, report: TablesReport): Promise<Uint8Array> {
  const { results, fonts } = report;
  switch (format) {
    case 'csv':
      return encode(tablesCsv(results));
    case 'latex':
      return encode(tablesLatex(report));
    case 'markdown':
      return encode(tablesMarkdown(report));
    case 'html':
      return encode(tablesHtml(report, openFont(fonts)));
    case 'json':
      return encode(tablesJson(report));
    case 'svg':
      return encode(tablesSvg(results, { font: openFont(fonts), embedFont: true }));
    case 'png':
      return pngOf(tablesSvg(results, { font: openFont(fonts), text: 'paths' }));
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
