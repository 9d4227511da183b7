import { conflict, StudioError } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { formatCount } from '../../../shared/format/counts';
import {
  resultFiltersSchema,
  type StudyResults,
  type TableFormat,
  tableFormats,
} from '../../../shared/ratings/results';
import { type StudyRecord } from '../../../shared/ratings/study';
import { type RouteParsed } from '../../../shared/routes';
import { fileStem } from '../export/file-stem';
import { type Publication } from '../export/publication';
import { type FontFiles } from '../storage/installed-files';
import { type ExportStore } from '../storage/transit/export-store';
import { type ArchivedResults } from '../studies/archive/write-archive';
import { type StoredStudy } from '../studies/studies-repository';
import { type ResultsService } from './results-service';
import { kappasCsv } from './tables/kappas-csv';
import { resultFiles, tablesOutput } from './tables/output';

interface Parts {
  readonly exports: ExportStore;
  readonly fonts: FontFiles;
  readonly paper: () => Publication;
  readonly results: ResultsService;
  readonly version: string;
}

/** The results of studies as files. */
export class ResultsExport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws as `ResultsService.whole` does, and where the filters leave nothing to export. */
  async export(input: RouteParsed<'results.export'>): Promise<ExportFile> {
    const { exports, results } = this.#parts;
    const { format, filters } = input;
    const { name, mime } = resultFiles[format];
    const file = (study: StoredStudy | StudyRecord, bytes: Uint8Array): Promise<ExportFile> =>
      exports.put(`${fileStem(study.name, 'study')}-${name}`, mime, bytes);
    if (format === 'kappas') {
      const { counted, leftOut, kappas } = results.allKappas(input);
      refuseNothingLeft({ counted, filters, leftOut });
      return file(results.visible(input.study), kappasCsv(await kappas()));
    }
    const whole = await results.whole(input);
    refuseNothingLeft(whole);
    return file(whole.study, await this.#tables(format, whole));
  }

  /**
   * What an archive of the study holds of its results. Throws `conflict` while they are hidden, and
   * before there are maps.
   */
  async archived(id: string): Promise<ArchivedResults> {
    const study = this.#parts.results.visible(id);
    if (study.state === 'draft' || study.state === 'preparing') {
      throw conflict(`${study.name} has nothing to archive yet: compute its maps first.`);
    }
    const results = await this.#parts.results.whole({
      study: id,
      filters: resultFiltersSchema.parse({}),
    });
    const tables = new Map<string, Uint8Array>();
    for (const format of tableFormats) {
      tables.set(resultFiles[format].name, await this.#tables(format, results));
    }
    return { comparedRuns: results.beside, tables };
  }

  #tables(format: TableFormat, results: StudyResults): Promise<Uint8Array> {
    const { version, paper, fonts } = this.#parts;
    const { reference } = paper();
    return tablesOutput(format, { results, version, reference, fonts });
  }
}

/** A table of nothing would look like a result. */
function refuseNothingLeft({
  counted,
  filters,
  leftOut,
}: Pick<StudyResults, 'counted' | 'filters' | 'leftOut'>): void {
  const left = leftOut.filter(({ ratings }) => ratings > 0);
  if (counted > 0 || left.length === 0) return;
  const reasons = left.map(({ reason, ratings }) => `${reason} (${formatCount(ratings)})`);
  const accepted = 'filters that leave a rating';
  throw new StudioError({
    code: 'invalid-input',
    message: `The filters leave out every rating: ${reasons.join(', ')}. Accepted: ${accepted}.`,
    field: 'filters',
    value: JSON.stringify(filters),
    accepted,
  });
}
