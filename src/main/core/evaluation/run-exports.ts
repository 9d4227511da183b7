import { conflict } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type RunRecord } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { type DatasetsService } from '../datasets/datasets-service';
import { type OutputSink } from '../export/folder/output-folder';
import { type Publication } from '../export/publication';
import { type InstalledFiles } from '../storage/installed-files';
import { type ExportStore } from '../storage/transit/export-store';
import { roarOutput, roarOutputs } from './report/outputs';
import { exportMimes, type ReportArtifact, type RoarReport } from './report/report';
import { type RoarResults } from './roar-results';

interface Parts {
  /** The stored files that a run names. */
  readonly artifactsOf: (run: RunRecord) => Promise<ReportArtifact[]>;
  readonly datasets: DatasetsService;
  readonly exports: ExportStore;
  readonly files: InstalledFiles;
  readonly paper: () => Publication;
  readonly results: RoarResults;
  readonly version: string;
}

/** Tables, figures, report and manifest of finished runs, as files. */
export class RunExports {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async export({ run, format }: RouteParsed<'roar.export'>): Promise<ExportFile> {
    const bytes = await roarOutput(format, await this.#report(run));
    return this.#parts.exports.put(format, exportMimes[format], bytes);
  }

  /** Every export of a run, the manifest last. */
  async writeOutputs(run: string, out: OutputSink): Promise<void> {
    for (const [name, bytes] of await roarOutputs(await this.#report(run))) {
      await out.add(name, bytes);
    }
  }

  async #report(id: string): Promise<RoarReport> {
    const { artifactsOf, datasets, files, paper, results, version } = this.#parts;
    const run = results.run(id);
    const metric = results.metricOf(run);
    const scores = metric.descriptor.observation === 'image' ? results.scores(run) : null;
    if (run.state !== 'done' || (!scores && metric.descriptor.observation === 'image')) {
      throw conflict(`${run.name} is ${run.state}: it can be exported once it is done.`);
    }
    return {
      result: await results.result(id),
      metric,
      scores,
      dataset: await datasets.record(run.settings.dataset),
      full: results.full(run),
      artifacts: await artifactsOf(run),
      version,
      paper: paper(),
      fonts: files.fonts,
    };
  }
}
