import { type Method } from '../../../../shared/catalogue/methods';
import { type RoarExportFormat } from '../../../../shared/export-formats';
import { summariesOf } from '../../../../shared/method-summary';
import { type CurveScores } from '../../../../statistics/curves';
import { type FullProtocol } from '../full-protocol';
import { type FontFiles } from '../../storage/installed-files';
import { type Metric, type ReportedModels } from '../metric';

/** A stored file that the run used or made: what its bytes are, so that anybody can check them. */
export interface ReportArtifact {
  /** model, map, scores ... */
  readonly kind: string;
  /** What it is of: 'level 0.3' or a method id. */
  readonly subject: string;
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Everything that the tables, the figure and the manifest of one ROAR run are made of. */
export interface RoarReport extends ReportedModels {
  readonly metric: Metric;
  /**
   * Methods and levels in the order of the result's, images of `result.images`. Null where observations
   * are no images.
   */
  readonly scores: CurveScores | null;
  /** What the run is held against. */
  readonly full: FullProtocol;
  readonly artifacts: readonly ReportArtifact[];
  /** Version of Saliency Studio. */
  readonly version: string;
  readonly fonts: FontFiles;
}

/** The run's methods, in the order of its results. */
export function methodsOf({ result }: Pick<RoarReport, 'result'>): Method[] {
  return summariesOf(result).map(({ method }) => method);
}

export const exportMimes: Readonly<Record<RoarExportFormat, string>> = {
  'curves.csv': 'text/csv; charset=utf-8',
  'values.csv': 'text/csv; charset=utf-8',
  'scores.csv': 'text/csv; charset=utf-8',
  'models.csv': 'text/csv; charset=utf-8',
  'result.json': 'application/json',
  'figure.svg': 'image/svg+xml',
  'figure.png': 'image/png',
  'report.html': 'text/html; charset=utf-8',
  'manifest.json': 'application/json',
};
