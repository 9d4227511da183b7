import { type Protocol } from '../../../shared/catalogue/roar';
import { type roarExportFormats, roarFormats } from '../../../shared/routes';

type Format = (typeof roarExportFormats)[number];

/** What each file holds, in a line. */
export const exportDescriptions: Readonly<Record<Format, string>> = {
  'curves.csv': 'Means, intervals and differences from random, by method and level',
  'scores.csv': 'The score of every image under every method at every level',
  'models.csv': 'Accuracy, epochs and training time of each level’s model',
  'result.json': 'The whole result for programs',
  'figure.svg': 'The figure with both panels, to be scaled',
  'figure.png': 'The figure with both panels, as pixels',
  'report.html': 'A page with figure, tables, claims and settings, in one file',
  'manifest.json': 'Versions, seeds, parameters, hashes, and the command that repeats the run',
};

/** Every file that a finished run can be saved as. */
export const runExports = (protocol: Protocol) =>
  roarFormats(protocol).map((what) => ({ what, holds: exportDescriptions[what] }));
