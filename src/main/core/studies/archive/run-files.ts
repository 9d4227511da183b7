import { valueAt } from '../../../../shared/checked-reads';
import { counted } from '../../../../shared/format/counts';
import { type StudyResults } from '../../../../shared/ratings/results';
import { hasIntervals } from '../../evaluation/metric';
import { runFigure } from '../../evaluation/report/figure';
import { type RoarResults } from '../../evaluation/roar-results';
import { type RunsRepository } from '../../evaluation/runs-repository';
import { openFont } from '../../export/figure/font';
import { curvesCsv } from '../../export/text/csv';
import { type FontFiles } from '../../storage/installed-files';
import { type StoredStudy } from '../studies-repository';
import { type ArchivedRun } from './manifest';
import { addRecords, runImagesFile, runScoresFile, runValuesFile } from './records';

interface Parts {
  readonly fonts: FontFiles;
  readonly roar: RoarResults;
  readonly runs: RunsRepository;
}

/** The ROAR runs that a study is compared with, as files of its archive. */
export class RunFiles {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The scores of the finished runs that the study names, refused ones too, with the reason. */
  async add(
    study: StoredStudy,
    comparedRuns: StudyResults['beside'],
    files: Map<string, Uint8Array>,
  ): Promise<ArchivedRun[]> {
    const { fonts, roar, runs } = this.#parts;
    const archived: ArchivedRun[] = [];
    for (const { dataset, run: id, refused } of comparedRuns) {
      const run = id === null ? undefined : runs.get(id);
      const chosen = study.config?.datasets.find((entry) => entry.dataset === dataset);
      if (!run || !chosen || run.state !== 'done') continue;
      const folder = `roar/${chosen.dataset}`;
      const images = runs.images(run.id).map((image, position) => ({ ...image, position }));
      const scores = runs.scores(run.id).flatMap(({ method, level, scores: each, tied }) =>
        each.map((score, position) => ({
          method,
          level,
          position,
          score,
          tied: valueAt(tied, position),
        })),
      );
      const result = await roar.result(run.id);
      const metric = roar.metricOf(run);
      const { descriptor } = metric;
      const over = hasIntervals(metric, run.settings) ? ', with 95% intervals over images' : '';
      const along = descriptor.result === 'curve' ? 'against degradation level' : 'by method';
      const figure = await runFigure(result, {
        title: `${run.name}: ${descriptor.words.mean.toLowerCase()} ${along}`,
        notes: [`Mean over ${counted(images.length, 'image')}${over}.`, ...result.notes],
        font: openFont(fonts),
        embedFont: true,
        yTitle: descriptor.words.axisInFull,
      });
      addRecords(files, runImagesFile(folder), images);
      addRecords(files, runScoresFile(folder), scores);
      if (result.values) {
        const means = result.values.map(({ method, mean, low, high, n }) => ({
          method: method.id,
          mean,
          low,
          high,
          n,
        }));
        addRecords(files, runValuesFile(folder), means);
      } else {
        const text = curvesCsv(result.curves, descriptor);
        files.set(`${folder}/curves.csv`, new TextEncoder().encode(text));
      }
      files.set(`${folder}/figure.svg`, new TextEncoder().encode(figure));
      const { name, settings, createdAt, finishedAt, seconds } = run;
      archived.push({
        id: run.id,
        name,
        dataset: chosen.dataset,
        settings,
        createdAt,
        finishedAt,
        seconds,
        engine: runs.engine(run.id),
        levels: runs.levels(run.id),
        refused,
      });
    }
    return archived;
  }
}
