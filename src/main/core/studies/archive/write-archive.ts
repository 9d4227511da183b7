import { type StudyResults, tableFormats } from '../../../../shared/ratings/results';
import { curvesCsv } from '../../export/text/csv';
import { figureSvg } from '../../export/figure/figure';
import { openFont } from '../../export/figure/font';
import { hasIntervals } from '../../evaluation/report/protocol-words';
import { resultFiles, tablesOutput } from '../../analysis/tables/output';
import { type Core } from '../../core';
import { type MethodsService } from '../../maps/methods';
import { type RatingsExport } from '../../ratings/export';
import { type RoarResults } from '../../evaluation/roar-results';
import { type StoredStudy } from '../studies-repository';
import {
  archiveVersion,
  type ArchivedDataset,
  archivedDatasetSchema,
  archivedHeadSchema,
  archivedModelSchema,
  type ArchivedRun,
  listFiles,
  type Manifest,
} from './manifest';
import { archiveFormat, manifestPath } from './paths';
import { archiveReadme, commonLists } from './readme';
import {
  eventsFile,
  imagesFile,
  logFile,
  ratersFile,
  runImagesFile,
  runScoresFile,
  sessionsFile,
  trialsFile,
  writeRecords,
} from './records';
import { type Files } from './zip';

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
  core: Core,
  services: ArchiveServices,
  study: StoredStudy,
  results: StudyResults,
): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  const text = (path: string, content: string) =>
    files.set(path, new TextEncoder().encode(content));
  text('config.json', `${JSON.stringify(study.config, null, 2)}\n`);
  text('ratings.csv', services.ratingsExport.csv(study));
  addPeople(core, study, files);
  const datasets = await addDatasets(core, study, files);
  const runs = await addRuns(core, services, study, results, files);
  for (const format of tableFormats) {
    const bytes = await tablesOutput(format, {
      results,
      version: core.version,
      fonts: core.files.fonts,
    });
    files.set(`tables/${resultFiles[format].name}`, bytes);
  }
  const named = new Set([...(study.config?.methods ?? []), ...runs.flatMap(methodsOf)]);
  const manifest: Omit<Manifest, 'files'> = {
    format: archiveFormat,
    formatVersion: archiveVersion,
    software: { name: 'Saliency Studio', version: core.version },
    study: archivedHeadSchema.parse(study),
    datasets,
    methods: services.methods.list().filter(({ id }) => named.has(id)),
    models: modelsOf(core, study, runs),
    runs,
    withdrawn: core.ratingEvents.withdrawn(study.id).length,
    guardedCells: true,
  };
  const lists = [
    ...commonLists,
    ...(datasets.length > 0 ? [imagesFile('datasets/<dataset>')] : []),
    ...(runs.length > 0 ? [runImagesFile('roar/<dataset>'), runScoresFile('roar/<dataset>')] : []),
  ];
  const readme = new TextEncoder().encode(archiveReadme(manifest, lists));
  const all = new Map([['README.md', readme], ...files]);
  const whole: Manifest = { ...manifest, files: listFiles(all) };
  all.set(manifestPath, new TextEncoder().encode(`${JSON.stringify(whole, null, 2)}\n`));
  return all;
}

const methodsOf = ({ settings }: ArchivedRun): string[] => settings.methods;

/** Raters, their orders, sessions and labels, and the log. */
function addPeople(core: Core, study: StoredStudy, files: Map<string, Uint8Array>): void {
  const withdrawn = new Set(core.ratingEvents.withdrawn(study.id).map((c) => c.toLowerCase()));
  const stays = (code: string) => !withdrawn.has(code.toLowerCase());
  const raters = core.raters.list(study.id).filter(({ code }) => stays(code));
  const events = core.ratingEvents.all(study.id).filter(({ rater }) => stays(rater));
  files.set(eventsFile.path, writeRecords(eventsFile, events));
  files.set(
    ratersFile.path,
    writeRecords(
      ratersFile,
      raters.map((rater) => ({
        ...rater,
        answers: rater.answers && JSON.stringify(rater.answers),
      })),
    ),
  );
  files.set(
    trialsFile.path,
    writeRecords(
      trialsFile,
      raters.flatMap(({ id, code }) =>
        core.raters.trials(id).map((trial) => ({ ...trial, rater: code })),
      ),
    ),
  );
  files.set(
    sessionsFile.path,
    writeRecords(
      sessionsFile,
      raters.flatMap(({ id, code }) =>
        core.raters.sessions(id).map((session) => ({ ...session, rater: code })),
      ),
    ),
  );
  files.set(logFile.path, writeRecords(logFile, core.studyLog.of(study.id)));
}

/** Images and maps of each dataset. */
async function addDatasets(
  core: Core,
  study: StoredStudy,
  files: Map<string, Uint8Array>,
): Promise<ArchivedDataset[]> {
  const images = core.studies.images(study.id);
  const maps = core.studies.maps(study.id);
  const archived: ArchivedDataset[] = [];
  for (const dataset of core.studies.datasets(study.id)) {
    const folder = `datasets/${dataset.dataset}`;
    const own = images.filter((image) => image.dataset === dataset.dataset);
    files.set(`${folder}/images.csv`, writeRecords(imagesFile(folder), own));
    files.set(`${folder}/images.npy`, await core.artifacts.read(dataset.images));
    const listed: ArchivedDataset['maps'] = [];
    for (const { dataset: of, method, composition, artifact } of maps) {
      if (of !== dataset.dataset) continue;
      files.set(`${folder}/maps/${method}.npy`, await core.artifacts.read(artifact));
      listed.push({ method, composition });
    }
    archived.push(archivedDatasetSchema.parse({ ...dataset, maps: listed }));
  }
  return archived;
}

/** The scores of the finished runs that the study names, refused ones too, with the reason. */
async function addRuns(
  core: Core,
  { roar }: ArchiveServices,
  study: StoredStudy,
  { beside }: StudyResults,
  files: Map<string, Uint8Array>,
): Promise<ArchivedRun[]> {
  const archived: ArchivedRun[] = [];
  for (const { dataset, run: id, refused } of beside) {
    const run = id === null ? undefined : core.runs.get(id);
    const chosen = study.config?.datasets.find((entry) => entry.dataset === dataset);
    if (!run || !chosen || run.state !== 'done') continue;
    const folder = `roar/${chosen.dataset}`;
    const images = core.runs.images(run.id).map((image, position) => ({ ...image, position }));
    const scores = core.runs.scores(run.id).flatMap(({ method, level, scores: each, tied }) =>
      each.map((score, position) => ({
        method,
        level,
        position,
        score,
        tied: tied[position] ?? 0,
      })),
    );
    const { curves, notes } = await roar.result(run.id);
    const over = hasIntervals(run.settings) ? ', with 95% intervals over images' : '';
    const figure = figureSvg(curves, {
      title: `${run.name}: mean score against degradation level`,
      notes: [
        `Mean over ${images.length} ${images.length === 1 ? 'image' : 'images'}${over}.`,
        ...notes,
      ],
      font: openFont(core.files.fonts),
      embedFont: true,
    });
    files.set(`${folder}/images.csv`, writeRecords(runImagesFile(folder), images));
    files.set(`${folder}/scores.csv`, writeRecords(runScoresFile(folder), scores));
    files.set(`${folder}/curves.csv`, new TextEncoder().encode(curvesCsv(curves)));
    files.set(`${folder}/figure.svg`, new TextEncoder().encode(figure));
    const { name, settings, createdAt, finishedAt, seconds } = run;
    archived.push({
      ...{ id: run.id, name, dataset: chosen.dataset, settings, createdAt, finishedAt, seconds },
      ...{ engine: core.runs.engine(run.id), levels: core.runs.levels(run.id), refused },
    });
  }
  return archived;
}

function modelsOf(core: Core, { config }: StoredStudy, runs: readonly ArchivedRun[]) {
  const ids = new Set([
    ...(config?.datasets.map(({ model }) => model) ?? []),
    ...runs.flatMap(({ levels }) => levels.flatMap(({ model }) => model ?? [])),
  ]);
  return [...ids].flatMap((id) => {
    const model = core.models.get(id);
    // The schema leaves out what is this installation's own.
    return model ? [archivedModelSchema.parse(model)] : [];
  });
}
