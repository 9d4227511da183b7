import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type RoarExportFormat } from '../../../shared/export-formats';

/** What each file holds, in a line. */
export const exportDescriptions: Readonly<Record<RoarExportFormat, string>> = {
  'curves.csv': 'Means, intervals and differences from random, by method and level',
  'values.csv': 'Means and intervals by method',
  'scores.csv': 'The score of every image under every method at every level',
  'models.csv': 'Accuracy, epochs and training time of each level’s model',
  'result.json': 'The whole result for programs',
  'figure.svg': 'The figure with both panels, to be scaled',
  'figure.png': 'The figure with both panels, as pixels',
  'report.html': 'A page with figure, tables, claims and settings, in one file',
  'manifest.json': 'Versions, seeds, parameters, hashes, and the command that repeats the run',
};

/** Every file that a finished run can be saved as. */
export const runExports = ({ files }: MetricDescriptor) =>
  files.map((what) => ({ what, holds: exportDescriptions[what] }));
