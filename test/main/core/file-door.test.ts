import { describe, expect, it } from 'vitest';
import { fileDoor } from '../../../src/main/core/file-door';
import { researcher } from '../../../src/main/core/sessions/caller';
import { transitStores } from './transfers';

describe('the door for files', () => {
  it.each([
    ['a rater', { role: 'annotator', rater: 'rater_a' }, false],
    ['the researcher, while annotator mode lasts', researcher, true],
  ] as const)('is closed to %s', async (_who, who, annotatorMode) => {
    const transit = transitStores();
    const upload = await transit.uploads.begin({ name: 'a.csv', bytes: 1 });
    const { file } = await transit.exports.put('a.csv', 'text/csv', 'a');
    const door = fileDoor(transit, who, () => annotatorMode);
    const forbidden = { data: { code: 'forbidden' } };
    const source = (async function* () {
      yield Buffer.from('a');
    })();
    await expect(door.receive(upload, source)).rejects.toMatchObject(forbidden);
    await expect(door.append(upload, Buffer.from('a'))).rejects.toMatchObject(forbidden);
    await expect(door.adopt(import.meta.filename)).rejects.toMatchObject(forbidden);
    await expect(door.take(file)).rejects.toMatchObject(forbidden);
    // Nothing was used up.
    const own = fileDoor(transit, researcher, () => false);
    await own.append(upload, Buffer.from('a'));
    await (await own.take(file)).release();
    await transit.uploads.close();
    await transit.exports.close();
  });
});
