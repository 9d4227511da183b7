import { figuresSvg } from '../../export/figure/figure';
import { openFont } from '../../export/figure/font';
import { pngOf } from '../../export/figure/png';
import { figureBlocks, figuresOptions } from './figures';
import { experimentHtml } from './html';
import { type ExperimentExportFormat, type ExperimentReport, reportedMembers } from './report';
import { accuraciesCsv, claimsCsv, ranksCsv, ranksMarkdown } from './tables';

export const experimentMimes: Readonly<Record<ExperimentExportFormat, string>> = {
  'figures.svg': 'image/svg+xml',
  'figures.png': 'image/png',
  'ranks.csv': 'text/csv; charset=utf-8',
  'ranks.md': 'text/markdown; charset=utf-8',
  'claims.csv': 'text/csv; charset=utf-8',
  'accuracies.csv': 'text/csv; charset=utf-8',
  'report.html': 'text/html; charset=utf-8',
};

/** One file of an experiment's export. Equal inputs give equal bytes. */
export async function experimentOutput(
  format: ExperimentExportFormat,
  report: ExperimentReport,
): Promise<Uint8Array> {
  const members = reportedMembers(report);
  const { experiment, claims } = report.result;
  switch (format) {
    case 'figures.svg':
    case 'figures.png': {
      const blocks = figureBlocks(members);
      const options = figuresOptions(members, openFont(report.fonts));
      return format === 'figures.svg'
        ? encode(await figuresSvg(blocks, { ...options, embedFont: true }))
        : pngOf(await figuresSvg(blocks, { ...options, text: 'paths' }));
    }
    case 'ranks.csv':
      return encode(ranksCsv(members));
    case 'ranks.md':
      return encode(ranksMarkdown(members, experiment.name));
    case 'claims.csv':
      return encode(claimsCsv(claims, report.paper));
    case 'accuracies.csv':
      return encode(accuraciesCsv(members, report.paper));
    case 'report.html':
      return encode(await experimentHtml(report, openFont(report.fonts)));
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
