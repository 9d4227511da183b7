import { describe, expect, it } from 'vitest';
import { RunsRepository } from '../../../../src/main/core/evaluation/runs-repository';
import { JobsRepository } from '../../../../src/main/core/jobs/jobs-repository';
import { ModelsRepository } from '../../../../src/main/core/models/models-repository';
import { type EngineDescription } from '../../../../src/shared/engine';
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

function setUp() {
  const database = memoryDatabase();
  const jobs = new JobsRepository(database);
  const runs = new RunsRepository(database);
  jobs.insert(newJob('a'));
  runs.insert(newRun('a'));
  return { database, jobs, runs, run: id('run', 'a') };
}

describe('runs', () => {
  it('take their state, end and seconds from their job', () => {
    const { jobs, runs, run } = setUp();
    const { name, settings, job, createdAt } = newRun('a');
    const record = { id: run, name, settings, job, createdAt, finishedAt: null, seconds: 0 };
    expect(runs.get(run)).toEqual({ ...record, state: 'queued' });
    const done = { artifacts: [], reused: false, seconds: 2, finishedAt: at(2) };
    jobs.finishItem(job, 'train', { item: '0', ...done });
    jobs.finishItem(job, 'maps', { item: '0', ...done });
    jobs.finish(job, 'done', at(5));
    expect(runs.get(run)).toEqual({ ...record, state: 'done', finishedAt: at(5), seconds: 4 });
    expect(runs.list()).toHaveLength(1);
    expect(runs.count()).toBe(1);
    runs.rename(run, 'Second look');
    expect(runs.get(run)?.name).toBe('Second look');
    expect(runs.get(id('run', 'b'))).toBeUndefined();
  });

  it('are listed with levels that remove equally many pixels, as older ones may have them', () => {
    const { jobs, runs } = setUp();
    const { settings, ...older } = newRun('b');
    jobs.insert(newJob('b'));
    const levels = [0, 0.3, 0.1 * 3];
    runs.insert({ ...older, settings: { ...settings, levels } });
    expect(runs.list().find((run) => run.id === older.id)?.settings.levels).toEqual(levels);
  });

  it('keep the content of the dataset that they were begun with', () => {
    const { runs, run } = setUp();
    expect(runs.datasetKey(run)).toBeNull();
    const content = { dataset: 'cifar10' as const, files: [{ name: 'train', sha256: 'ab' }] };
    runs.setDatasetKey(run, content);
    expect(runs.datasetKey(run)).toEqual(content);
    expect(runs.datasetKey(id('run', 'b'))).toBeNull();
  });

  it('keep their images in order', () => {
    const { runs, run } = setUp();
    const images = [
      { image: 12, label: 3 },
      { image: 7, label: 1 },
    ];
    runs.setImages(run, images);
    runs.setImages(run, images);
    expect(runs.images(run)).toEqual(images);
  });

  it('name the model of each level and the maps of each method', () => {
    const { database, runs, run } = setUp();
    new ModelsRepository(database).insert(newModel('a'));
    const level = { level: 0.1, model: null, reused: false, seconds: 0 };
    runs.putLevel(run, level);
    runs.putLevel(run, { ...level, level: 0 });
    runs.putLevel(run, { ...level, model: id('model', 'a'), reused: true, seconds: 3 });
    expect(runs.levels(run)).toEqual([
      { ...level, level: 0 },
      { level: 0.1, model: id('model', 'a'), reused: true, seconds: 3 },
    ]);
    runs.putMap(run, 'smoothgrad', 1, addArtifact(database, 'b'));
    runs.putMap(run, 'smoothgrad', 0, addArtifact(database, 'a'));
    expect(runs.maps(run, 'smoothgrad')).toEqual([
      { shard: 0, artifact: sha('a') },
      { shard: 1, artifact: sha('b') },
    ]);
    expect(runs.maps(run, 'random')).toEqual([]);
  });

  it('keep scores to the last bit, whatever order they come in', () => {
    const { runs, run } = setUp();
    const score = Math.fround(0.1);
    runs.putScores(run, 2, { method: 'b', level: 0.3, scores: [score], tied: [0] });
    runs.putScores(run, 0, { method: 'b', level: 0.3, scores: [1, 0.5], tied: [0.25, 1] });
    runs.putScores(run, 0, { method: 'b', level: 0.1, scores: [0.75], tied: [0] });
    runs.putScores(run, 0, { method: 'a', level: 0.3, scores: [0], tied: [0] });
    runs.putScores(run, 0, { method: 'a', level: 0.3, scores: [0.125], tied: [0] });
    expect(runs.scores(run)).toEqual([
      { method: 'a', level: 0.3, scores: [0.125], tied: [0] },
      { method: 'b', level: 0.1, scores: [0.75], tied: [0] },
      { method: 'b', level: 0.3, scores: [1, 0.5, score], tied: [0.25, 1, 0] },
    ]);
    expect(runs.scored(run)).toBe(5);
  });

  it('keep the description of the engine that computed them', () => {
    const { runs, run } = setUp();
    const engine: EngineDescription = {
      available: true,
      reason: null,
      remedy: null,
      device: 'cpu',
      deviceName: 'A processor',
      threads: 2,
      oneDnn: true,
      versions: { tensorflow: '2.21.0' },
      plan: { 'mnist-cnn/gradient': 150 },
      numerics: 3,
      arithmetic: {},
    };
    expect(runs.engine(run)).toBeNull();
    runs.setEngine(run, engine);
    expect(runs.engine(run)).toEqual(engine);
  });

  it('read an engine that said nothing of its arithmetic', () => {
    const { database, runs, run } = setUp();
    const before =
      '{"available":true,"reason":null,"remedy":null,"device":"cpu","deviceName":"A processor","threads":2,"oneDnn":true,"versions":{},"plan":{}}';
    database.run('UPDATE runs SET engine = @before WHERE id = @run', { before, run });
    expect(runs.engine(run)).toMatchObject({ device: 'cpu', arithmetic: {} });
  });

  it('go with their job and their scores, and leave models and artifacts', () => {
    const { database, jobs, runs, run } = setUp();
    new ModelsRepository(database).insert(newModel('a'));
    runs.putLevel(run, { level: 0, model: id('model', 'a'), reused: false, seconds: 0 });
    runs.putScores(run, 0, { method: 'a', level: 0, scores: [1], tied: [0] });
    runs.remove(run);
    expect(runs.list()).toEqual([]);
    expect(jobs.list()).toEqual([]);
    expect(runs.scores(run)).toEqual([]);
    expect(new ModelsRepository(database).list()).toHaveLength(1);
  });
});
