import { canonicalJson } from '../../../../shared/canonical';
import { conflict } from '../../../../shared/errors';
import { type NewId } from '../../../../shared/ids';
import { type RunsRepository } from '../../evaluation/runs-repository';
import { type Events } from '../../jobs/events';
import { type JobsRepository } from '../../jobs/jobs-repository';
import { type ModelsRepository } from '../../models/models-repository';
import { type ReadRun, type ReadStudy } from './read-archive';

interface Parts {
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly runs: RunsRepository;
}

/** The ROAR runs of an archive and the models that it names, brought in. */
export class RunImport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `conflict` where a run of the same id is here with other settings. */
  refuseOther({ runs }: ReadStudy): void {
    for (const run of runs) {
      const known = this.#parts.runs.get(run.id);
      if (known && canonicalJson(known.settings) !== canonicalJson(run.settings)) {
        throw conflict(
          `${known.name} is here already with other settings than the archive's run ${run.id}. Nothing was imported.`,
        );
      }
    }
  }

  /** Runs as finished ones with their scores, models as what is known of them without weights. */
  insert(archive: ReadStudy): void {
    this.#insertModels(archive);
    for (const run of archive.runs) this.#insertRun(archive, run);
  }

  announce({ datasets, manifest, runs }: ReadStudy): void {
    const { events } = this.#parts;
    for (const { dataset } of datasets) events.emit({ type: 'dataset.changed', dataset });
    for (const { id: model } of manifest.models) events.emit({ type: 'model.changed', model });
    for (const { id: run } of runs) events.emit({ type: 'run.changed', run });
  }

  #insertModels({ manifest }: ReadStudy): void {
    const { models } = this.#parts;
    for (const model of manifest.models) {
      if (models.get(model.id)) continue;
      models.insert({ ...model, job: null, state: 'incomplete' });
      models.measured(model.id, model.validationAccuracy);
      for (const epoch of model.epochs) models.putEpoch(model.id, epoch, null, null);
    }
  }

  #insertRun({ manifest, config }: ReadStudy, run: ReadRun): void {
    const { jobs, models, newId, runs } = this.#parts;
    if (runs.get(run.id)) return;
    const job = newId('job');
    const [stage, item] = ['import', 'run'];
    const finishedAt = run.finishedAt ?? run.createdAt;
    jobs.insert({
      id: job,
      kind: 'roar',
      title: `ROAR: ${run.name}`,
      subject: run.id,
      input: { run: run.id },
      stages: [{ id: stage, title: 'Imported with a study', items: 1 }],
      createdAt: run.createdAt,
    });
    const { seconds } = run;
    jobs.finishItem(job, stage, { item, artifacts: [], reused: true, seconds, finishedAt });
    jobs.finish(job, 'done', finishedAt);
    runs.insert({ ...run, job });
    if (run.engine) runs.setEngine(run.id, run.engine);
    runs.setImages(run.id, run.images);
    const rated = manifest.datasets.find(({ dataset }) => dataset === run.dataset);
    const chosen = config?.datasets.find(({ dataset }) => dataset === run.dataset)?.model ?? null;
    for (const level of run.levels) {
      const model = manifest.models.find(({ id }) => id === level.model);
      // Equal weights under two ids: here they can only be told to be equal by one id.
      const same = level.level === 0 && model?.sha256 && model.sha256 === rated?.modelSha256;
      const named = same ? chosen : (model?.id ?? null);
      runs.putLevel(run.id, { ...level, model: named && models.get(named) ? named : null });
    }
    for (const block of run.scores) runs.putScores(run.id, 0, block);
  }
}
