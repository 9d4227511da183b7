import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { BackupsService } from '../../../../src/main/core/storage/backups-service';
import { openReadOnly } from '../../../../src/main/core/storage/database';
import { RatersRepository } from '../../../../src/main/core/studies/raters-repository';
import { RatersService } from '../../../../src/main/core/studies/raters-service';
import { StudyProgress } from '../../../../src/main/core/studies/study-progress';
import { RatingsErase } from '../../../../src/main/core/studies/ratings-erase';
import { coreOn } from '../core-on';
import { at, id, migrations, temporaryFolder } from '../storage/helpers';
import { newLabel, newRater, newStudy } from '../storage/rating-helpers';

const code = (value: string, message = /./) =>
  expect.objectContaining({
    data: expect.objectContaining({ code: value, message: expect.stringMatching(message) }),
  });
const study = id('study', 'a');
const rater = id('rater', 'a');
const secret = 'erasethisone';

function setUp() {
  const dataDir = temporaryFolder();
  const opened = coreOn(dataDir);
  const { core } = opened;
  core.studies.insert(newStudy('a'));
  core.raters.insert(newRater('a', { code: secret }));
  core.raters.insert(newRater('b'));
  for (let i = 0; i < 40; i += 1) {
    core.ratingEvents.append(newLabel({ rater: secret, image: String(i) }));
    core.ratingEvents.append(newLabel({ rater: 'R-b', image: String(i) }));
  }
  const backups = new BackupsService(core);
  const erase = new RatingsErase({ ...core, backups });
  const bytes = () =>
    readdirSync(dataDir)
      .filter((name) => name.startsWith('studio.sqlite'))
      .map((name) => readFileSync(join(dataDir, name)).toString('latin1'))
      .join('');
  return { ...opened, dataDir, backups, erase, bytes };
}

describe('erasing', () => {
  it('a rater leaves nothing but the log and the backup made first', async () => {
    const { core, announced, warned, erase, backups, bytes } = setUp();
    expect(bytes()).toContain(secret);
    const { rows, backup } = await erase.rater(rater);
    expect(rows).toBe(40);
    expect(bytes()).not.toContain(secret);
    expect(core.raters.get(rater)).toBeUndefined();
    expect(core.ratingEvents.counted(study)).toHaveLength(40);
    expect(core.studyLog.entries(study)).toMatchObject([
      { action: 'rater.erased', detail: `${rater}: 40 events` },
    ]);
    expect(announced).toEqual([{ type: 'study.changed', study }]);
    expect(warned).toEqual([]);
    expect(backups.list()).toEqual([backup]);
    const copy = openReadOnly({ path: backup.path, migrations });
    expect(new RatingEventsRepository(copy).counted(study)).toHaveLength(80);
    expect(new RatersRepository(copy).get(rater)?.code).toBe(secret);
    copy.close();
    await expect(erase.rater(rater)).rejects.toEqual(code('not-found'));
    expect(() => core.database.run('DELETE FROM rating_events')).toThrow(code('conflict'));
  });

  it('a rater who took consent back before, as well', async () => {
    const { core, erase, bytes } = setUp();
    new RatersService({ ...core, studyProgress: new StudyProgress(core.database) }).withdraw({
      rater,
    });
    expect(core.studyLog.entries(study)).toMatchObject([{ action: 'withdraw', detail: rater }]);
    expect((await erase.rater(rater)).rows).toBe(41);
    expect(bytes()).not.toContain(secret);
  });

  it('waits until the rater has stopped rating', async () => {
    const { core, erase, backups } = setUp();
    core.annotatorMode.begin({ study, passphrase: null, beganAt: at(1) });
    core.annotatorMode.setRater(rater);
    await expect(erase.rater(rater)).rejects.toEqual(code('conflict', /annotator mode/));
    expect(backups.list()).toEqual([]);
  });

  it('does not begin where no backup can be made', async () => {
    const { core, dataDir, erase } = setUp();
    writeFileSync(join(dataDir, 'backups'), 'a file where the folder should be');
    await expect(erase.rater(rater)).rejects.toEqual(code('read-only'));
    expect(core.ratingEvents.counted(study)).toHaveLength(80);
    rmSync(join(dataDir, 'backups'));
    expect((await erase.rater(rater)).rows).toBe(40);
  });

  it('a study takes its ratings and what the caller removes with them, or nothing', async () => {
    const { core, erase, bytes } = setUp();
    core.ratingEvents.append(newLabel({ study: id('study', 'b') }));
    const failing = erase.study(study, () => {
      throw new Error('what came with it failed');
    });
    await expect(failing).rejects.toThrow('failed');
    expect(core.ratingEvents.counted(study)).toHaveLength(80);
    const { rows, backup } = await erase.study(study, () => core.studies.remove(study));
    expect(rows).toBe(80);
    expect(backup.bytes).toBeGreaterThan(0);
    expect(core.studies.get(study)).toBeUndefined();
    expect(core.ratingEvents.hasAny(id('study', 'b'))).toBe(true);
    expect(core.studyLog.entries(study)).toMatchObject([{ action: 'study.erased' }]);
    expect(bytes()).not.toContain(secret);
  });
});

describe('restoring', () => {
  it('brings back what was erased, at the next start', async () => {
    const { core, dataDir, erase, backups, close } = setUp();
    const { backup } = await erase.rater(rater);
    const { kept } = backups.restore(backup.path);
    expect(core.ratingEvents.counted(study)).toHaveLength(40);
    close();
    const again = coreOn(dataDir);
    expect(again.core.ratingEvents.counted(study)).toHaveLength(80);
    expect(again.core.studyLog.entries(null)).toMatchObject([{ action: 'backup.restored' }]);
    expect(new BackupsService(again.core).list().map(({ path }) => path)).toEqual(
      expect.arrayContaining([backup.path, kept]),
    );
  });
});
