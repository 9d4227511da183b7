import { z } from 'zod';
import { trainingRemovalSchema } from '../../../shared/catalogue/training';
import { conflict, notFound } from '../../../shared/errors';
import { type Job } from '../../../shared/jobs';
import { modelIdSchema } from '../../../shared/ids';
import { knowsLabels, noLabels } from '../../../shared/model-classes';
import { type EngineRequests } from '../jobs/engine-requests';
import { stored } from '../jobs/item-spec';
import { type StagePlan } from '../jobs/progress';
import { type JobKind, type Scheduler } from '../jobs/scheduler';
import { type ModelsRepository } from './models-repository';
import { type ModelsService } from './models-service';

const inputSchema = z.object({ model: modelIdSchema });

const stages: readonly StagePlan[] = [
  {
    id: 'test',
    title: 'Test the model',
    items: [{ id: 'accuracy', title: 'Accuracy on the validation split', cost: 1 }],
  },
];

/** A job that measures a model's accuracy on the validation split. Refused for one of other classes. */
export function testModel(
  { models, scheduler }: { readonly models: ModelsService; readonly scheduler: Scheduler },
  id: string,
): { job: Job } {
  const model = models.ready(id);
  if (!knowsLabels(model.classes)) throw conflict(noLabels(model.name));
  return {
    job: scheduler.start({
      kind: 'test',
      title: `Test ${model.name}`,
      subject: id,
      input: { model: id },
      stages: stages.map((stage) => ({ ...stage, items: stage.items.length })),
    }),
  };
}

interface Parts {
  readonly models: ModelsRepository;
  readonly requests: EngineRequests;
}

export function testJob({ models, requests }: Parts): JobKind {
  return {
    kind: 'test',
    recovery: 'resume',
    async run(run) {
      const { model: id } = run.input(inputSchema);
      run.plan(stages, false);
      await run.item('test', 'accuracy', async ({ signal, report }) => {
        const model = models.get(id);
        if (!model?.artifact) throw notFound('model', id);
        const { accuracy } = await requests.ask(
          'evaluate',
          {
            dataset: model.dataset,
            model: stored(model.artifact),
            split: 'validation',
            removal: trainingRemovalSchema.parse({}),
            removalSeed: 0,
          },
          { lane: 'batch', signal, report },
        );
        return {
          artifacts: [],
          reused: false,
          commit: () => models.measured(id, accuracy),
          announce: [{ type: 'model.changed', model: id }],
        };
      });
    },
    datasets({ subject }) {
      const model = subject === null ? undefined : models.get(subject);
      return model ? [model.dataset] : [];
    },
    changed: () => undefined,
  };
}
