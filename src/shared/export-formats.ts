/** What a run can be exported as; a metric says which of them its runs have. */
export const roarExportFormats = [
  'curves.csv',
  'values.csv',
  'scores.csv',
  'models.csv',
  'result.json',
  'figure.svg',
  'figure.png',
  'report.html',
  'manifest.json',
] as const;
export type RoarExportFormat = (typeof roarExportFormats)[number];
