import { describe, expect, it } from 'vitest';
import { JobsRepository } from '../../../../src/main/core/jobs/jobs-repository';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { RatersRepository } from '../../../../src/main/core/studies/raters-repository';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import { addArtifact, at, id, memoryDatabase, newJob, sha } from '../storage/helpers';
import { config, newLabel, newRater, newStudy } from '../storage/rating-helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });

function setUp() {
  const database = memoryDatabase();
  const studies = new StudiesRepository(database);
  studies.insert(newStudy('a'));
  return { database, studies, study: id('study', 'a') };
}

const datasetKey = {
  dataset: 'mnist',
  files: [{ name: 'images', sha256: sha('images') }],
} as const;

describe('studies', () => {
  it('are found by id and by name, the latest version first', () => {
    const { studies, study } = setUp();
    expect(studies.get(study)).toEqual(newStudy('a'));
    expect(studies.get(id('study', 'b'))).toBeUndefined();
    const second = newStudy('b', {
      name: 'Study a',
      version: 2,
      previous: study,
      createdAt: at(2),
    });
    studies.insert(second);
    expect(studies.named('Study a').map(({ version }) => version)).toEqual([2, 1]);
    expect(studies.list()).toEqual([second, newStudy('a')]);
    expect(studies.count()).toBe(2);
    expect(() => studies.insert(newStudy('c', { name: 'Study a' }))).toThrow(code('conflict'));
    expect(() => studies.rename(id('study', 'b'), 'Other')).not.toThrow();
    expect(studies.named('Other')).toHaveLength(1);
  });

  it('take a state, and a time of closing where one is given', () => {
    const { studies, study } = setUp();
    studies.setState(study, 'closed', at(9));
    expect(studies.get(study)).toMatchObject({ state: 'closed', closedAt: at(9) });
    studies.setState(study, 'closed');
    expect(studies.get(study)?.closedAt).toBe(at(9));
    studies.setState(study, 'open', null);
    studies.setRevealed(study, at(10));
    expect(studies.get(study)).toMatchObject({
      state: 'open',
      closedAt: null,
      revealedAt: at(10),
    });
  });

  it('an imported one has no configuration', () => {
    const { studies } = setUp();
    const imported = newStudy('b', { origin: 'imported', state: 'closed', config: null });
    studies.insert(imported);
    expect(studies.get(imported.id)).toEqual(imported);
  });

  it('keep what raters are shown, and let it go with another configuration', () => {
    const { database, studies, study } = setUp();
    const images = addArtifact(database, 'pictures', { kind: 'images' });
    const dataset = {
      dataset: 'mnist',
      position: 0,
      modelSha256: sha('model'),
      datasetKey: { dataset: datasetKey.dataset, files: [...datasetKey.files] },
      engineKey: { device: 'cpu', threads: 2 },
      classes: ['zero', 'one'],
      images,
    };
    studies.putDataset(study, { ...dataset, classes: [] });
    studies.putDataset(study, dataset);
    const shown = [
      { position: 0, image: '12', label: 1, practice: false },
      { position: 1, image: '3', label: 0, practice: true },
    ];
    studies.putImages(study, 'mnist', [{ position: 0, image: '1', label: 1, practice: false }]);
    studies.putImages(study, 'mnist', shown);
    const map = { dataset: 'mnist', method: 'smoothgrad', composition: 'smooth(gradient)' };
    studies.putMap(study, { ...map, artifact: addArtifact(database, 'earlier') });
    studies.putMap(study, { ...map, artifact: addArtifact(database, 'map') });
    studies.setHash(study, sha('hash'));
    expect(studies.datasets(study)).toEqual([dataset]);
    expect(studies.images(study)).toEqual(shown.map((image) => ({ dataset: 'mnist', ...image })));
    expect(studies.maps(study)).toEqual([{ ...map, artifact: sha('map') }]);
    expect(studies.get(study)?.hash).toBe(sha('hash'));

    studies.setConfig(study, { ...config, title: 'Another' });
    expect(studies.get(study)).toMatchObject({ hash: null, config: { title: 'Another' } });
    expect([studies.datasets(study), studies.images(study), studies.maps(study)]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it('go with their raters and job, and leave rating events', () => {
    const { database, studies, study } = setUp();
    const jobs = new JobsRepository(database);
    jobs.insert(newJob('a'));
    studies.setJob(study, id('job', 'a'));
    const raters = new RatersRepository(database);
    raters.insert(newRater('a'));
    const events = new RatingEventsRepository(database);
    events.append(newLabel());
    studies.remove(study);
    expect(studies.get(study)).toBeUndefined();
    expect(jobs.list()).toEqual([]);
    expect(raters.list(study)).toEqual([]);
    expect(events.hasAny(study)).toBe(true);
  });
});
