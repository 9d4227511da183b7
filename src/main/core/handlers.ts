import { type Status } from '../../shared/records';
import { listFolder } from './datasets/folder-listing';
import { importedImages } from './datasets/images-import';
import { compareRuns } from './evaluation/roar-compare';
import { type Handlers } from './router';
import { type AppParts, type Services } from './services';
import { status } from './status';

/** Each route to its use case. */
export function createHandlers(
  parts: AppParts,
  {
    datasets,
    datasetInstalls,
    datasetUsers,
    removeDataset,
    datasetExports,
    imagePreviews,
    weightsLooks,
    refusedImages,
    imageImports,
    methods,
    mapLooks,
    startMapsImport,
    models,
    trainModel,
    importModel,
    inspectWeightsFile,
    predictionsOf,
    testModel,
    startFromModel,
    exportModel,
    removeModel,
    explore,
    roar,
    roarResults,
    runs,
    runExports,
    degradedImages,
    rating,
    annotatorMode,
    scheduler,
    studies,
    studyPreviews,
    studyPreparation,
    studyRemoval,
    raters,
    experiments,
    experimentStart,
    experimentReports,
    machines,
    mapSheets,
    exportMapSheet,
    ...ratings
  }: Services,
  opened: Pick<Status, 'shell' | 'access'>,
): Handlers {
  return {
    'app.catalogues': () => ({
      operators: [...parts.catalogues.operators.operators],
      networks: parts.catalogues.networks.describe(),
      metrics: [...parts.catalogues.metrics.list],
    }),
    'app.status': () => status(parts, opened),

    'datasets.list': () => datasets.list(),
    'datasets.install': (input) => datasetInstalls.install(input),
    'datasets.importImages': (input) => imageImports.start(input),
    'datasets.leaveOut': ({ job }) => imageImports.leaveOut(job),
    'datasets.dropImport': ({ job }) => imageImports.drop(job),
    'datasets.previewImages': (input, { client }) => imagePreviews.preview(input, client),
    'datasets.sampleImages': (input, { client }) => imagePreviews.samples(input, client),
    'datasets.cancelPreview': (_input, { client }) => imagePreviews.cancel(client),
    'datasets.imported': ({ dataset }) => importedImages(parts.dataDir, dataset),
    'datasets.refused': (input) => refusedImages.page(input),
    'datasets.refusedExport': ({ dataset }) => refusedImages.export(dataset),
    'datasets.rename': (input) => datasets.rename(input),
    'datasets.describe': (input) => datasets.describe(input),
    'datasets.export': ({ dataset }) => datasetExports.start(dataset),
    'datasets.exported': ({ job }) => datasetExports.fileOf(job),
    'datasets.users': ({ dataset }) => datasetUsers(datasets.facts(dataset).id),
    'datasets.remove': ({ dataset }) => removeDataset(dataset),
    'datasets.verify': ({ dataset }) => datasets.verify(dataset),
    'datasets.images': (input) => datasets.images(input),
    'datasets.masks': (input) => datasets.masks(input),
    'files.list': ({ path, lists }) => listFolder(path, lists),

    'uploads.begin': async (input) => ({ upload: await parts.uploads.begin(input) }),
    'uploads.get': ({ upload }) => parts.uploads.get(upload),
    'uploads.discard': ({ upload }) => {
      parts.uploads.discard(upload);
      return {};
    },

    'models.list': () => models.list(),
    'models.get': ({ model }) => models.get(model),
    'models.startFrom': (input) => startFromModel(input),
    'models.train': (input) => trainModel(input),
    'models.rename': (input) => models.rename(input),
    'models.remove': ({ model }) => removeModel(model),
    'models.export': ({ model }) => exportModel(model),
    'models.inspectFile': (input, { client }) =>
      parts.uploads.read(input.upload, (file) =>
        weightsLooks.alone(client, (signal) => inspectWeightsFile(input, file, signal)),
      ),
    'models.cancelInspect': (_input, { client }) => weightsLooks.cancel(client),
    'models.test': ({ model }) => testModel(model),
    'models.predictions': (input) => predictionsOf(input),
    'models.import': ({ upload, ...input }) =>
      parts.uploads.consume(upload, (file) => importModel(input, file)),

    'methods.list': () => methods.list(),
    'methods.compose': (input) => methods.compose(input),
    'methods.remove': (input) => methods.remove(input),
    'methods.inspect': (input, { client }) => mapLooks.look(input, client),
    'methods.cancelInspect': (_input, { client }) => mapLooks.cancel(client),
    'methods.import': (input) => startMapsImport(input),
    'methods.covered': (input) => ({ images: methods.covered(input) }),

    'maps.explore': (input, { client }) => explore.explore(input, client),
    'maps.cancel': ({ request }) => explore.cancel(request),

    'maps.sheet': (input) => mapSheets.sheet(input),
    'maps.sheetExport': (input) => exportMapSheet(input),

    'machines.get': () => machines.get(),
    'machines.test': (input) => machines.test(input),
    'machines.setQueue': (input) => machines.setQueue(input),
    'machines.forgetQueue': () => machines.forgetQueue(),
    'machines.setWork': (input) => machines.setWork(input),
    'machines.createJoin': (input) => machines.createJoin(input),
    'machines.revokeJoin': (input) => machines.revokeJoin(input),
    'machines.drain': (input) => machines.drain(input),

    'roar.forecast': (input) => roar.forecast(input),
    'roar.start': (input) => roar.start(input),
    'roar.list': () => runs.list(),
    'roar.result': ({ run }) => roarResults.result(run),
    'roar.rename': (input) => runs.rename(input),
    'roar.remove': ({ run }) => runs.remove(run),
    'roar.degraded': (input) => degradedImages(input),
    'roar.compare': async ({ a, b }) =>
      compareRuns(await roarResults.result(a), await roarResults.result(b)),
    'roar.export': (input) => runExports.export(input),

    'experiments.forecast': (input) => experimentStart.forecast(input),
    'experiments.start': (input) => experimentStart.start(input),
    'experiments.collect': (input) => experiments.collect(input),
    'experiments.list': () => experiments.list(),
    'experiments.result': ({ experiment }) => experimentReports.result(experiment),
    'experiments.setStudy': (input) => experiments.setStudy(input),
    'experiments.rename': (input) => experiments.rename(input),
    'experiments.remove': ({ experiment }) => experiments.remove(experiment),
    'experiments.export': (input) => experimentReports.export(input),

    'studies.list': () => studies.list(),
    'studies.get': ({ study }) => studies.get(study),
    'studies.preview': (input) => studyPreviews.preview(input),
    'studies.create': (input) => studies.create(input),
    'studies.edit': (input) => studies.edit(input),
    'studies.rename': (input) => studies.rename(input),
    'studies.prepare': (input) => studyPreparation.prepare(input),
    'studies.close': (input) => studies.close(input),
    'studies.reopen': (input) => studies.reopen(input),
    'studies.remove': (input) => studyRemoval.remove(input),

    'raters.list': (input) => raters.list(input),
    'raters.create': (input) => raters.create(input),
    'raters.link': (input) => raters.link(input),
    'raters.withdraw': (input) => raters.withdraw(input),

    'jobs.list': () => scheduler.list(),
    'jobs.get': ({ job }) => scheduler.get(job),
    'jobs.cancel': ({ job }) => scheduler.cancel(job),
    'jobs.resume': ({ job }) => scheduler.resume(job),

    'annotator.begin': (input) => annotatorMode.begin(input),
    'rating.open': (input, caller) => rating.open(input, caller),
    'rating.enter': (input, caller) => rating.enter(input, caller),
    'rating.describe': (input, caller) => rating.describe(input, caller),
    'rating.advance': (input, caller) => rating.advance(input, caller),
    'rating.pixels': (input, caller) => rating.pixels(input, caller),
    'rating.trial': (input, caller) => rating.trial(input, caller),
    'rating.answer': (input, caller) => rating.answer(input, caller),
    'rating.withdraw': (_input, caller) => rating.withdraw(caller),
    'rating.leave': (_input, caller) => rating.leave(caller),
    'rating.end': (input, caller) => annotatorMode.end(input, caller),

    'results.get': (input) => ratings.studyResults.get(input),
    'results.choices': (input) => ratings.studyResults.choices(input),
    'results.kappas': (input) => ratings.studyResults.kappas(input),
    'results.reveal': (input) => ratings.studyResults.reveal(input),
    'results.export': (input) => ratings.resultsExport.export(input),
    'studies.export': (input) => ratings.studyExport.export(input),
    'studies.import': ({ upload }) =>
      parts.uploads.consume(upload, (file) => ratings.studyImport.import(file)),

    'ratings.export': ({ study }) => ratings.ratingsExport.export(study),
    'ratings.preview': ({ upload, reading }) =>
      parts.uploads.read(upload, (file) => ratings.ratingsImport.previewFile(file, reading)),
    'ratings.import': ({ upload, reading }) =>
      parts.uploads.consume(upload, (file) => ratings.ratingsImport.importFile(file, reading)),
    'ratings.erase': ({ rater }) => ratings.ratingsErase.rater(rater),
    'backup.create': () => ratings.backups.create(),
    'backup.list': () => ratings.backups.list(),
    'backup.restore': ({ path }) => ratings.backups.restore(path),

    'disk.collect': () => parts.artifacts.collectGarbage(),
  };
}
