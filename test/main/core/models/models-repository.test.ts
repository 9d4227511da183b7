import { describe, expect, it } from 'vitest';
import { RunsRepository } from '../../../../src/main/core/evaluation/runs-repository';
import { JobsRepository } from '../../../../src/main/core/jobs/jobs-repository';
import { ModelsRepository } from '../../../../src/main/core/models/models-repository';
import {
  addArtifact,
  at,
  id,
  memoryDatabase,
  newJob,
  newModel,
  newRun,
  sha,
} from '../storage/helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });
const epoch = (number: number) => ({
  epoch: number,
  loss: 0.5,
  trainAccuracy: 0.8,
  validationAccuracy: 0.9,
  seconds: 12.5,
});

describe('models', () => {
  it('come back as they were stored', () => {
    const models = new ModelsRepository(memoryDatabase());
    const model = newModel('a');
    models.insert(model);
    expect(models.get(model.id)).toEqual({
      ...model,
      validationAccuracy: null,
      epochs: [],
      adapted: [],
      input: null,
      classes: null,
      sha256: null,
      artifact: null,
    });
    expect(models.get(id('model', 'z'))).toBeUndefined();
    models.insert(newModel('b', { recipe: null, origin: 'imported', state: 'ready' }));
    expect(models.get(id('model', 'b'))).toMatchObject({ recipe: null, origin: 'imported' });
    expect(models.count()).toBe(2);
  });

  it('keep each epoch with its checkpoint, so that training goes on from it', () => {
    const database = memoryDatabase();
    const models = new ModelsRepository(database);
    const { id: model } = newModel('a');
    models.insert(newModel('a'));
    for (const number of [0, 1]) {
      const weights = addArtifact(database, `weights ${number}`);
      const optimiser = addArtifact(database, `optimiser ${number}`);
      models.putEpoch(model, epoch(number), weights, optimiser);
    }
    expect(models.epochs(model)).toEqual([
      { ...epoch(0), weights: sha('weights 0'), optimiser: sha('optimiser 0') },
      { ...epoch(1), weights: sha('weights 1'), optimiser: sha('optimiser 1') },
    ]);
    expect(models.get(model)?.epochs).toEqual([epoch(0), epoch(1)]);
    models.dropEarlierOptimisers(model);
    expect(models.epochs(model).map(({ optimiser }) => optimiser)).toEqual([
      null,
      sha('optimiser 1'),
    ]);
  });

  it('are ready once their weights are final', () => {
    const database = memoryDatabase();
    const models = new ModelsRepository(database);
    models.insert(newModel('a'));
    models.finish(id('model', 'a'), addArtifact(database, 'final'), 0.97);
    expect(models.get(id('model', 'a'))).toMatchObject({
      state: 'ready',
      validationAccuracy: 0.97,
      artifact: sha('final'),
      sha256: sha('content of final'),
    });
  });

  it('are found by what determines them: a ready one first, then the newest', () => {
    const models = new ModelsRepository(memoryDatabase());
    const key = sha('same');
    models.insert(newModel('a', { key, state: 'ready', createdAt: at(1) }));
    models.insert(newModel('b', { key, state: 'incomplete', createdAt: at(2) }));
    models.insert(newModel('c', { key, state: 'ready', createdAt: at(3) }));
    models.insert(newModel('d', { state: 'ready', createdAt: at(4) }));
    expect(models.findByKey(key)?.id).toBe(id('model', 'c'));
    expect(models.findByKey(sha('other'))).toBeUndefined();
    expect(models.newestReady('mnist', 0.1)?.id).toBe(id('model', 'd'));
    expect(models.newestReady('mnist')).toBeUndefined();
    expect(models.list().map((model) => model.id)).toEqual(
      ['d', 'c', 'b', 'a'].map((letter) => id('model', letter)),
    );
  });

  it('can be renamed, given another state or job, and removed', () => {
    const database = memoryDatabase();
    const models = new ModelsRepository(database);
    const { id: model } = newModel('a');
    models.insert(newModel('a'));
    new JobsRepository(database).insert(newJob('a'));
    models.rename(model, 'Baseline');
    models.setState(model, 'incomplete');
    models.setJob(model, id('job', 'a'));
    expect(models.get(model)).toMatchObject({
      name: 'Baseline',
      state: 'incomplete',
      job: id('job', 'a'),
    });
    new JobsRepository(database).remove(id('job', 'a'));
    expect(models.get(model)?.job).toBeNull();
    models.remove(model);
    expect(models.list()).toEqual([]);
  });

  it('are not removed while a run uses them', () => {
    const database = memoryDatabase();
    const models = new ModelsRepository(database);
    const runs = new RunsRepository(database);
    models.insert(newModel('a'));
    new JobsRepository(database).insert(newJob('a'));
    runs.insert(newRun('a'));
    runs.putLevel(id('run', 'a'), {
      level: 0.1,
      model: id('model', 'a'),
      reused: false,
      seconds: 1,
    });
    expect(models.runsUsing(id('model', 'a'))).toEqual([id('run', 'a')]);
    expect(() => models.remove(id('model', 'a'))).toThrow(code('conflict'));
    runs.remove(id('run', 'a'));
    expect(models.runsUsing(id('model', 'a'))).toEqual([]);
    models.remove(id('model', 'a'));
  });
});
