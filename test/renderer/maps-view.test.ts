import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNpy } from '../../src/shared/npy';
import { fitTiles, leastTile } from '../../src/renderer/views/maps/fit';
import { describePixel, formatAttribution, mapRange } from '../../src/renderer/views/maps/inspect';
import { npyBlob } from '../../src/renderer/views/maps/npy-blob';
import { wantedFrom } from '../../src/renderer/views/maps/query';
import { mapFile } from '../../src/renderer/views/maps/save-map';
import { formatMilliseconds } from '../../src/shared/format/times';

describe('tiles', () => {
  const space = { width: 1188, gap: 10, tiles: 11, pixels: 28, zoom: null };

  it('stand in one row where there is room, else in rows filled evenly', () => {
    expect(fitTiles(space)).toEqual({ zoom: 3, columns: 11 });
    expect(fitTiles({ ...space, width: 585 })).toEqual({ zoom: 3, columns: 6 });
    expect(fitTiles({ ...space, tiles: 1 })).toEqual({ zoom: 8, columns: 1 });
    expect(fitTiles({ ...space, tiles: 0 })).toEqual({ zoom: 1, columns: 1 });
    expect(fitTiles({ ...space, pixels: 224 })).toMatchObject({ columns: 6 });
    expect(fitTiles({ ...space, pixels: 512 })).toMatchObject({ columns: 6 });
    expect(fitTiles({ ...space, width: 585, ratio: 1.5 })).toEqual({ zoom: 14 / 3, columns: 4 });
  });

  it('keep the zoom that a person chose', () => {
    expect(fitTiles({ ...space, zoom: 8 })).toEqual({ zoom: 8, columns: 4 });
    expect(fitTiles({ ...space, width: 100, zoom: 12 })).toEqual({ zoom: 12, columns: 1 });
  });

  it('fit into the width, with a name’s room each, whatever the space', () => {
    fc.assert(
      fc.property(
        fc.record({
          width: fc.integer({ min: 100, max: 4000 }),
          gap: fc.integer({ min: 0, max: 24 }),
          tiles: fc.integer({ min: 1, max: 40 }),
          pixels: fc.integer({ min: 8, max: 96 }),
          zoom: fc.constant(null),
        }),
        (given) => {
          const { zoom, columns } = fitTiles(given);
          expect(columns).toBeGreaterThanOrEqual(1);
          expect(columns).toBeLessThanOrEqual(given.tiles);
          if (columns === 1) return;
          expect(columns * zoom * given.pixels + (columns - 1) * given.gap).toBeLessThanOrEqual(
            given.width,
          );
          expect(zoom * given.pixels).toBeGreaterThanOrEqual(leastTile);
        },
      ),
    );
  });
});

describe('an address', () => {
  it('names a model and images of the validation split', () => {
    expect(wantedFrom({ model: 'model_a', images: '3,14,3,x,-1' })).toEqual({
      model: 'model_a',
      images: [3, 14],
    });
    expect(wantedFrom({})).toEqual({ model: null, images: [] });
    expect(wantedFrom({ model: ['a', 'b'], images: null })).toEqual({ model: null, images: [] });
    const many = Array.from({ length: 30 }, (_, i) => i).join(',');
    expect(wantedFrom({ images: many }).images).toHaveLength(16);
  });
});

describe('a map close up', () => {
  const map = { shape: [1, 2, 2], data: new Float32Array([0.5, -0.25, 0.00001, 2]) };

  it('tells the values of a pixel, channel by channel', () => {
    const bytes = { shape: [1, 2, 1], data: new Uint8Array([7, 255]) };
    expect(describePixel(bytes, map, { row: 0, column: 0 })).toBe(
      'Row 0, column 0: pixel 7; attribution 0.5000, −0.2500',
    );
    const floats = { shape: [1, 2, 1], data: new Float32Array([0, 0.5]) };
    expect(describePixel(floats, map, { row: 0, column: 1 })).toContain('pixel 128;');
  });

  it('tells its range and sum', () => {
    expect(mapRange(map)).toEqual({ low: '−0.2500', high: '2.000', sum: '2.250' });
    expect(formatAttribution(-0.00001)).toBe('−1.00e−5');
    expect(formatAttribution(0)).toBe('0.000');
  });

  it('is saved under its method and image, with its time in words', () => {
    expect(mapFile('smoothgrad', 12)).toBe('smoothgrad-image-12');
    expect(formatMilliseconds(84.6)).toBe('85 ms');
    expect(formatMilliseconds(3120)).toBe('3.1 s');
  });
});

describe('the .npy of a map', () => {
  it('holds the raw float32 values and their shape', async () => {
    const map = { shape: [2, 1, 1], data: new Float32Array([0.1, -3]) };
    const blob = npyBlob(map);
    const read = decodeNpy(new Uint8Array(await blob.arrayBuffer()), 'map.npy');
    expect(read.shape).toEqual([2, 1, 1]);
    expect(read.data).toBeInstanceOf(Float32Array);
    expect([...read.data]).toEqual([...map.data]);
  });
});
