import fc from 'fast-check';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { artifactKey } from '../../../../src/main/core/artifacts/artifacts';
import { valueAt } from '../../../../src/shared/checked-reads';
import { rangesOf } from '../../../../src/shared/index-ranges';
import { encodeNpy } from '../../../../src/shared/npy';
import { coreOn } from '../core-on';
import { at, sha, temporaryFolder } from '../storage/helpers';

const [height, width, block] = [2, 3, 4];
const values = height * width;
const dataset = { dataset: 'mnist', files: [{ name: 'a', sha256: sha('a') }] };
const lime = { id: `imported-${sha('lime')}`, name: 'LIME' };
/** Twenty scattered images: five files. */
const covered = Array.from({ length: 20 }, (_, i) => 5 * i + (i % 2));
const valueOf = (image: number, i: number) => image + i / 100;
const mapOf = (image: number) => Array.from({ length: values }, (_, i) => valueOf(image, i));

async function withMaps() {
  const dataDir = temporaryFolder();
  const { core } = coreOn(dataDir);
  const artifacts: string[] = [];
  for (let from = 0; from < covered.length; from += block) {
    const images = covered.slice(from, from + block);
    const data = Float32Array.from(images.flatMap(mapOf));
    const bytes = encodeNpy({ shape: [images.length, height, width, 1], data });
    const key = artifactKey('map', { from });
    artifacts.push((await core.artifacts.put({ bytes, kind: 'map', key })).key);
  }
  core.methods.insert({ ...lime, composition: lime.id }, at(1));
  core.imported.put(lime.id, { ...dataset, model: null, citation: '', file: 'lime.npy' }, [
    { split: 'validation', images: rangesOf(covered), block, artifacts },
  ]);
  const pathOf = (place: number) => core.artifacts.open(valueAt(artifacts, place));
  return { core, maps: core.importedMaps, artifacts, pathOf };
}

const asked = (indices: readonly number[]) => ({ dataset, split: 'validation', indices }) as const;

describe('maps that were made elsewhere', () => {
  it('come in any order, a file of them in memory at most', async () => {
    const { core, maps } = await withMaps();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...covered), { minLength: 1 }), async (images) => {
        const whole = { shape: [images.length, height, width, 1], data: new Float32Array() };
        whole.data = Float32Array.from(images.flatMap(mapOf));
        expect(await maps.read(lime, asked(images))).toEqual(whole);
        for await (const { shape } of maps.pieces(lime, asked(images))) {
          expect(shape[0]).toBeLessThanOrEqual(block);
        }
        const key = artifactKey('map', { images });
        await maps.put(lime, asked(images), key);
        expect(new Uint8Array(await core.artifacts.read(key))).toEqual(encodeNpy(whole));
      }),
      { numRuns: 40 },
    );
  });

  it('that lie together are read together', async () => {
    const { maps } = await withMaps();
    const pieces: (number | undefined)[] = [];
    for await (const { shape } of maps.pieces(lime, asked(covered))) pieces.push(shape[0]);
    expect(pieces).toEqual([block, block, block, block, block]);
  });

  it('that are lost are told with their images before any is read', async () => {
    const { maps, pathOf } = await withMaps();
    const whole = (depth: 'there' | 'read', images = covered) =>
      maps.requireWhole(lime, 'validation', images, depth);
    await whole('read');
    // Of one file the length is another, of one the content alone.
    const [cut, changed] = [await pathOf(1), await pathOf(3)];
    writeFileSync(
      changed,
      readFileSync(changed).map((byte, i) => (i > 200 ? 1 : byte)),
    );
    rmSync(cut);
    await whole('read', covered.slice(0, block));
    await expect(whole('there')).rejects.toThrow(
      'Maps of LIME of validation images 20, 26, 30, 36 were lost or damaged on the disk: import its file again, under any name.',
    );
    await expect(whole('read')).rejects.toThrow('images 20, 26, 30, 36, 60, 66');
    await expect(maps.read(lime, asked([66]))).rejects.toThrow('Maps of LIME were lost or damaged');
  });

  it('are counted without their lists being read', async () => {
    const { core } = await withMaps();
    core.database.run(`UPDATE imported_images SET images = 'no list'`);
    const facts = { dataset: 'mnist', train: 0, validation: 20 };
    expect(core.methods.get(lime.id)?.imported).toMatchObject(facts);
    expect(core.methods.list().map(({ imported }) => imported)).toMatchObject([facts]);
  });
});
