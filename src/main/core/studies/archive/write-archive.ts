import { type Catalogues } from '../../../../shared/catalogue/catalogues';
import { type StudyResults } from '../../../../shared/ratings/results';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type DatasetsRepository } from '../../datasets/datasets-repository';
import { type MethodsService } from '../../maps/methods';
import { type ModelsRepository } from '../../models/models-repository';
import { askedIn } from '../asked';
import { ratingsCsv } from '../ratings-export';
import { type StoredStudy } from '../studies-repository';
import { type StudyStore } from '../study-store';
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
import { type RunFiles } from './run-files';
import { type Files } from './zip';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly datasets: DatasetsRepository;
  readonly methods: MethodsService;
  readonly models: ModelsRepository;
  readonly runFiles: RunFiles;
  readonly studyStore: StudyStore;
  readonly version: string;
}

/** What an archive holds of a study's results. */
export interface ArchivedResults {
  readonly comparedRuns: StudyResults['beside'];
  /** The tables by their files' names. */
  readonly tables: ReadonlyMap<string, Uint8Array>;
}

/** Makes archives of whole studies. */
export class StudyArchives {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Every file of a study's archive, the manifest last. Raters who took their consent back are not in
   * it. Equal studies give equal bytes.
   */
  async files(study: StoredStudy, { comparedRuns, tables }: ArchivedResults): Promise<Files> {
    const { methods, runFiles, studyStore, version } = this.#parts;
    const files = new Map<string, Uint8Array>();
    const text = (path: string, content: string) =>
      files.set(path, new TextEncoder().encode(content));
    text('config.json', `${JSON.stringify(study.config, null, 2)}\n`);
    text('ratings.csv', ratingsCsv(studyStore, study));
    addPeople(studyStore, study, files);
    const datasets = await addDatasets(this.#parts, study, files);
    const runs = await runFiles.add(study, comparedRuns, files);
    for (const [name, bytes] of tables) files.set(`tables/${name}`, bytes);
    const named = new Set([...(study.config?.methods ?? []), ...runs.flatMap(methodsOf)]);
    const manifest: Omit<Manifest, 'files'> = {
      format: archiveFormat,
      formatVersion: archiveVersion,
      software: { name: 'Saliency Studio', version },
      study: archivedHeadSchema.parse({ ...study, questions: study.questions ?? undefined }),
      datasets,
      methods: methods.list().filter(({ id }) => named.has(id)),
      models: modelsOf(this.#parts.models, study, runs),
      runs,
      withdrawn: studyStore.ratingEvents.withdrawn(study.id).length,
      guardedCells: true,
    };
    const ofRuns = (name: string) =>
      [...files.keys()].some((path) => path.startsWith('roar/') && path.endsWith(name));
    const lists = [
      ...commonLists,
      ...(datasets.length > 0 ? [imagesFile('datasets/<dataset>')] : []),
      ...(runs.length > 0
        ? [runImagesFile('roar/<dataset>'), runScoresFile('roar/<dataset>')]
        : []),
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
}

const methodsOf = ({ settings }: ArchivedRun): string[] => settings.methods;

/** Raters, their orders, sessions and labels, and the log. */
function addPeople(
  { raters: people, ratingEvents, studyLog }: StudyStore,
  study: StoredStudy,
  files: Map<string, Uint8Array>,
): void {
  const withdrawn = new Set(ratingEvents.withdrawn(study.id).map((code) => code.toLowerCase()));
  const stays = (code: string) => !withdrawn.has(code.toLowerCase());
  const raters = people.list(study.id).filter(({ code }) => stays(code));
  const events = ratingEvents.all(study.id).filter(({ rater }) => stays(rater));
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
    raters.flatMap(({ id, code }) => people.trials(id).map((trial) => ({ ...trial, rater: code }))),
  );
  addRecords(
    files,
    sessionsFile,
    raters.flatMap(({ id, code }) =>
      people.sessions(id).map((session) => ({ ...session, rater: code })),
    ),
  );
  addRecords(files, logFile, studyLog.entries(study.id));
}

/** Images and maps of each dataset. */
async function addDatasets(
  {
    artifacts,
    catalogues,
    datasets,
    studyStore: { studies },
  }: Pick<Parts, 'artifacts' | 'catalogues' | 'datasets' | 'studyStore'>,
  study: StoredStudy,
  files: Map<string, Uint8Array>,
): Promise<ArchivedDataset[]> {
  const images = studies.images(study.id);
  const allMaps = studies.maps(study.id);
  const archived: ArchivedDataset[] = [];
  for (const dataset of studies.datasets(study.id)) {
    const folder = `datasets/${dataset.dataset}`;
    const own = images.filter((image) => image.dataset === dataset.dataset);
    addRecords(files, imagesFile(folder), own);
    files.set(`${folder}/images.npy`, await artifacts.read(dataset.images));
    const maps = allMaps.filter((map) => map.dataset === dataset.dataset);
    const listed: ArchivedDataset['maps'] = [];
    for (const { method, composition, artifact } of maps) {
      files.set(`${folder}/maps/${method}.npy`, await artifacts.read(artifact));
      listed.push({ method, composition });
    }
    const { dataset: id } = dataset;
    const facts = datasets.get(id) ?? catalogues.datasets.find(id);
    archived.push(archivedDatasetSchema.parse({ ...dataset, facts, maps: listed }));
  }
  return archived;
}

function modelsOf(models: ModelsRepository, { config }: StoredStudy, runs: readonly ArchivedRun[]) {
  const ids = new Set([
    ...(config?.datasets.map(({ model }) => model) ?? []),
    ...runs.flatMap(({ levels }) => levels.flatMap(({ model }) => model ?? [])),
  ]);
  return [...ids].flatMap((id) => {
    const model = models.get(id);
    // The schema leaves out what is this installation's own.
    return model ? [archivedModelSchema.parse(model)] : [];
  });
}
