import { type ExperimentResult } from '../../../shared/experiments';
import { type ExportFile } from '../../../shared/export-file';
import { type RunResult } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { type RoarResults } from '../evaluation/roar-results';
import { fileStem } from '../export/file-stem';
import { type FontFiles } from '../storage/installed-files';
import { type ExportStore } from '../storage/transit/export-store';
import { type ExperimentStore } from './experiment-store';
import { type JudgedClaims } from './judged-claims';
import { experimentMimes, experimentOutput } from './outputs';
import { type ExperimentReport } from './outputs/report';
import { type Paper } from './paper';
import { rankMoves } from './ranks';
import { variantsOf } from './variants';

interface Parts {
  readonly claims: JudgedClaims;
  readonly experimentStore: ExperimentStore;
  readonly exports: ExportStore;
  readonly fonts: FontFiles;
  readonly paper: () => Paper;
  readonly results: RoarResults;
  readonly version: string;
}

/** The results of experiments, on a page and as files. */
export class ExperimentReports {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async result(id: string): Promise<ExperimentResult> {
    const { claims, experimentStore, paper, results: runs } = this.#parts;
    const experiment = experimentStore.get(id);
    const results: RunResult[] = [];
    // One after another: each may take a thread for a second.
    for (const { run } of experiment.members) {
      results.push(await runs.result(run.id));
    }
    const sensitivity = experiment.kind === 'sensitivity';
    const base = experiment.members[0]?.run.settings;
    const { notRerun } = sensitivity && base ? variantsOf(base, paper().choices) : { notRerun: [] };
    return {
      experiment,
      results,
      claims: await claims.judge(experiment, results),
      ...(sensitivity ? rankMoves(results) : { ranks: [], spearman: [] }),
      notRerun: notRerun.map(({ choice, question, text }) => ({ choice, question, reading: text })),
    };
  }

  async export({ experiment: id, format }: RouteParsed<'experiments.export'>): Promise<ExportFile> {
    const report = await this.#report(id);
    const bytes = await experimentOutput(format, report);
    const stem = fileStem(report.result.experiment.name, 'experiment');
    return this.#parts.exports.put(`${stem}-${format}`, experimentMimes[format], bytes);
  }

  async #report(id: string): Promise<ExperimentReport> {
    const { fonts, paper, results, version } = this.#parts;
    const result = await this.result(id);
    return {
      result,
      paper: paper(),
      version,
      full: new Map(result.results.map(({ run }) => [run.id, results.full(run)] as const)),
      fonts,
    };
  }
}
