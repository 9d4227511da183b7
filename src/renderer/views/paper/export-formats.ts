import { type experimentExportFormats } from '../../../shared/experiments';
import { type Experiment } from '../../../shared/experiments';

type Format = (typeof experimentExportFormats)[number];

interface ExperimentExport {
  readonly what: Format;
  /** What it holds, in a line. */
  readonly holds: string;
}

const figures: readonly ExperimentExport[] = [
  { what: 'figures.svg', holds: 'All panels under one legend, to be scaled' },
  { what: 'figures.png', holds: 'All panels under one legend, as pixels' },
];
const ranks: readonly ExperimentExport[] = [
  { what: 'ranks.csv', holds: 'Ranks and advantages, method by run' },
  { what: 'ranks.md', holds: 'Ranks as a table to paste into a text' },
];
const claims: ExperimentExport = {
  what: 'claims.csv',
  holds: 'Each claim with its verdict and evidence',
};
const accuracies: ExperimentExport = {
  what: 'accuracies.csv',
  holds: 'Accuracy by level beside the paper’s',
};
const report: ExperimentExport = {
  what: 'report.html',
  holds: 'A page with all of it, in one file',
};

/** Files that an experiment can be saved as, what it is about first. */
export const experimentExports: Readonly<Record<Experiment['kind'], readonly ExperimentExport[]>> =
  {
    reproduction: [...figures, accuracies, claims, report, ...ranks],
    sensitivity: [...ranks, ...figures, accuracies, claims, report],
  };
