import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineHost } from '../../../../../src/main/core/engine/engine-host';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { type EnginePort } from '../../../../../src/shared/engine';
import { StudioError } from '../../../../../src/shared/errors';
import { encodeNpy } from '../../../../../src/shared/npy';
import { description } from '../../jobs/scripted-engine';

/**
 * What a hashing engine comes to: 8 numbers that depend on the map's name and on all that it read. Names
 * that begin with numbers 2 apart come to the same, as work of other names may.
 */
function mapOf(composition: string, maps: readonly string[]): Uint8Array {
  const name = composition.replace(/^\d+/, (number) => String(Number(number) % 2));
  const hash = createHash('sha256').update(name);
  for (const path of maps) hash.update(readFileSync(path));
  const words = new Uint32Array(Uint8Array.from(hash.digest()).buffer);
  return encodeNpy({ shape: [2, 2, 2, 1], data: Float32Array.from(words) });
}

/**
 * An engine whose maps of 2 images of 2 by 2 pixels are hashes of what they are made of, so that a wrong
 * input anywhere shows in all that follow.
 *
 * @param delay milliseconds that a map of a name takes
 */
export function hashingEngine(delay: (composition: string) => number = () => 0): {
  readonly host: EngineHost;
  readonly made: readonly string[];
} {
  const made: string[] = [];
  const request: EnginePort['request'] = async (operation, given, { signal }) => {
    const answer = async (): Promise<unknown> => {
      if (operation === 'describe') return description;
      if (operation === 'probe') return { sha256: '0'.repeat(64) };
      if (operation !== 'maps') {
        throw new StudioError({ code: 'internal', message: `not scripted: ${operation}` });
      }
      const { composition, maps, outDir } = given as unknown as {
        composition: string;
        maps: readonly string[];
        outDir: string;
      };
      const bytes = mapOf(composition, maps);
      await sleep(delay(composition), undefined, { ...(signal && { signal }) });
      made.push(composition);
      await writeFile(join(outDir, 'map.npy'), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { files: [{ name: 'map.npy', sha256, bytes: bytes.length }], gradients: 0 };
    };
    return (await answer()) as never;
  };
  const host = new EngineHost({
    catalogues: builtInCatalogues,
    measured: [],
    startEngine: () => ({ request, close: () => Promise.resolve() }),
    onChange: () => undefined,
  });
  return { host, made };
}
