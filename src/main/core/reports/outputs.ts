import { type RoarExportFormat, type RoarReport } from './report';

/**
 * Every file of `roarExportFormats` for one finished run. The manifest names the sha256 of the
 * others. Equal inputs give equal bytes.
 */
export declare function roarOutputs(
  report: RoarReport,
): Promise<ReadonlyMap<RoarExportFormat, Uint8Array>>;
