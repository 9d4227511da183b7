import { type Catalogues } from '../../../../shared/catalogue/catalogues';
import { valueAt } from '../../../../shared/checked-reads';
import { counted } from '../../../../shared/format/counts';
import { type StudyResults } from '../../../../shared/ratings/results';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type DatasetsRepository } from '../../datasets/datasets-repository';
import { hasIntervals } from '../../evaluation/metric';
import { runFigure } from '../../evaluation/report/figure';
import { type RoarResults } from '../../evaluation/roar-results';
import { type RunsRepository } from '../../evaluation/runs-repository';
import { openFont } from '../../export/figure/font';
import { curvesCsv } from '../../export/text/csv';
import { type MethodsService } from '../../maps/methods';
import { type ModelsRepository } from '../../models/models-repository';
import { type InstalledFiles } from '../../storage/installed-files';
import { askedIn } from '../asked';
import { type RatingsExport } from '../ratings-export';
import { type StoredStudy } from '../studies-repository';
import { type StudyRepositories } from '../study-repositories';
import {
  type ArchivedDataset,
  archivedDatasetSchema,
  archivedHeadSchema,
  archivedModelSchema,
  type ArchivedRun,
  archiveVersion,
  listFiles,
  type Manifest,
} from './manifest';
import { archiveFormat, manifestPath } from './paths';
import { archiveReadme, commonLists } from './readme';
import {
  addRecords,
  eventsFile,
  imagesFile,
  logFile,
  ratersFile,
  runImagesFile,
  runScoresFile,
  runValuesFile,
  sessionsFile,
  trialsFile,
} from './records';
import { type Files } from './zip';

export interface WriteParts extends StudyRepositories {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly datasets: DatasetsRepository;
  readonly files: InstalledFiles;
  readonly models: ModelsRepository;
  readonly runs: RunsRepository;
  readonly version: string;
}

/** What an archive holds of a study's results. */
export interface ArchivedResults {
  readonly comparedRuns: StudyResults['beside'];
  /** The tables by their files' names. */
  readonly tables: ReadonlyMap<string, Uint8Array>;
}

export interface ArchiveServices {
  readonly methods: MethodsService;
  readonly roar: RoarResults;
  readonly ratingsExport: RatingsExport;
}

/**
 * Every file of a study's archive, the manifest last. Raters who took their consent back are not in
 * it. Equal studies give equal bytes.
 */
export async function archiveFiles(
  parts: WriteParts,
  services: ArchiveServices,
  study: StoredStudy,
  { comparedRuns, tables }: ArchivedResults,
): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  const text = (path: string, content: string) =>
    files.set(path, new TextEncoder().encode(content));
  text('config.json', `${JSON.stringify(study.config, null, 2)}\n`);
  text('ratings.csv', services.ratingsExport.csv(study));
  addPeople(parts, study, files);
  const datasets = await addDatasets(parts, study, files);
  const runs = await addRuns(parts, services, study, comparedRuns, files);
  for (const [name, bytes] of tables) files.set(`tables/${name}`, bytes);
  const named = new Set([...(study.config?.methods ?? []), ...runs.flatMap(methodsOf)]);
  const manifest: Omit<Manifest, 'files'> = {
    format: archiveFormat,
    formatVersion: archiveVersion,
    software: { name: 'Saliency Studio', version: parts.version },
    study: archivedHeadSchema.parse({ ...study, questions: study.questions ?? undefined }),
    datasets,
    methods: services.methods.list().filter(({ id }) => named.has(id)),
    models: modelsOf(parts, study, runs),
    runs,
    withdrawn: parts.ratingEvents.withdrawn(study.id).length,
    guardedCells: true,
  };
  const ofRuns = (name: string) =>
    [...files.keys()].some((path) => path.startsWith('roar/') && path.endsWith(name));
  const lists = [
    ...commonLists,
    ...(datasets.length > 0 ? [imagesFile('datasets/<dataset>')] : []),
    ...(runs.length > 0 ? [runImagesFile('roar/<dataset>'), runScoresFile('roar/<dataset>')] : []),
    ...(ofRuns('/values.csv') ? [runValuesFile('roar/<dataset>')] : []),
  ];
  const readme = new TextEncoder().encode(
    archiveReadme(manifest, askedIn(study), lists, ofRuns('/curves.csv')),
  );
  const all = new Map([['README.md', readme], ...files]);
  const whole: Manifest = { ...manifest, files: listFiles(all) };
  all.set(manifestPath, new TextEncoder().encode(`${JSON.stringify(whole, null, 2)}\n`));
  return all;
}

const methodsOf = ({ settings }: ArchivedRun): string[] => settings.methods;

/** Raters, their orders, sessions and labels, and the log. */
function addPeople(
  parts: Pick<WriteParts, 'raters' | 'ratingEvents' | 'studyLog'>,
  study: StoredStudy,
  files: Map<string, Uint8Array>,
): void {
  const withdrawn = new Set(parts.ratingEvents.withdrawn(study.id).map((c) => c.toLowerCase()));
  const stays = (code: string) => !withdrawn.has(code.toLowerCase());
  const raters = parts.raters.list(study.id).filter(({ code }) => stays(code));
  const events = parts.ratingEvents.all(study.id).filter(({ rater }) => stays(rater));
  addRecords(files, eventsFile, events);
  addRecords(
    files,
    ratersFile,
    raters.map((rater) => ({
      ...rater,
      answers: rater.answers && JSON.stringify(rater.answers),
    })),
  );
  addRecords(
    files,
    trialsFile,
    raters.flatMap(({ id, code }) =>
      parts.raters.trials(id).map((trial) => ({ ...trial, rater: code })),
    ),
  );
  addRecords(
    files,
    sessionsFile,
    raters.flatMap(({ id, code }) =>
      parts.raters.sessions(id).map((session) => ({ ...session, rater: code })),
    ),
  );
  addRecords(files, logFile, parts.studyLog.of(study.id));
}

/** Images and maps of each dataset. */
async function addDatasets(
  parts: Pick<WriteParts, 'artifacts' | 'catalogues' | 'datasets' | 'studies'>,
  study: StoredStudy,
  files: Map<string, Uint8Array>,
): Promise<ArchivedDataset[]> {
  const images = parts.studies.images(study.id);
  const maps = parts.studies.maps(study.id);
  const archived: ArchivedDataset[] = [];
  for (const dataset of parts.studies.datasets(study.id)) {
    const folder = `datasets/${dataset.dataset}`;
    const own = images.filter((image) => image.dataset === dataset.dataset);
    addRecords(files, imagesFile(folder), own);
    files.set(`${folder}/images.npy`, await parts.artifacts.read(dataset.images));
    const listed: ArchivedDataset['maps'] = [];
    for (const { dataset: of, method, composition, artifact } of maps) {
      if (of !== dataset.dataset) continue;
      files.set(`${folder}/maps/${method}.npy`, await parts.artifacts.read(artifact));
      listed.push({ method, composition });
    }
    const { dataset: id } = dataset;
    const facts = parts.datasets.get(id) ?? parts.catalogues.datasets.find(id);
    archived.push(archivedDatasetSchema.parse({ ...dataset, facts, maps: listed }));
  }
  return archived;
}

/** The scores of the finished runs that the study names, refused ones too, with the reason. */
async function addRuns(
  parts: Pick<WriteParts, 'files' | 'runs'>,
  { roar }: ArchiveServices,
  study: StoredStudy,
  comparedRuns: StudyResults['beside'],
  files: Map<string, Uint8Array>,
): Promise<ArchivedRun[]> {
  const archived: ArchivedRun[] = [];
  for (const { dataset, run: id, refused } of comparedRuns) {
    const run = id === null ? undefined : parts.runs.get(id);
    const chosen = study.config?.datasets.find((entry) => entry.dataset === dataset);
    if (!run || !chosen || run.state !== 'done') continue;
    const folder = `roar/${chosen.dataset}`;
    const images = parts.runs.images(run.id).map((image, position) => ({ ...image, position }));
    const scores = parts.runs.scores(run.id).flatMap(({ method, level, scores: each, tied }) =>
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
      font: openFont(parts.files.fonts),
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
      engine: parts.runs.engine(run.id),
      levels: parts.runs.levels(run.id),
      refused,
    });
  }
  return archived;
}

function modelsOf(
  parts: Pick<WriteParts, 'models'>,
  { config }: StoredStudy,
  runs: readonly ArchivedRun[],
) {
  const ids = new Set([
    ...(config?.datasets.map(({ model }) => model) ?? []),
    ...runs.flatMap(({ levels }) => levels.flatMap(({ model }) => model ?? [])),
  ]);
  return [...ids].flatMap((id) => {
    const model = parts.models.get(id);
    // The schema leaves out what is this installation's own.
    return model ? [archivedModelSchema.parse(model)] : [];
  });
}
