import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSharp, sharpZoom, thumbnailPixels } from '../../src/renderer/pixels/sharp-zoom';

describe('a sharp zoom', () => {
  it('is the largest whole number of screen pixels that fits', () => {
    expect(sharpZoom(28, 64, 1)).toBe(2);
    expect(sharpZoom(28, 64, 2)).toBe(2);
    expect(sharpZoom(28, 64, 1.5)).toBe(2);
    expect(sharpZoom(64, 64, 2)).toBe(1);
    // Sent for a screen of two pixels a CSS pixel.
    expect(sharpZoom(128, 64, 2)).toBe(0.5);
    expect(sharpZoom(0, 64, 1)).toBe(1);
  });

  it('is a share where the room has fewer pixels than the picture', () => {
    expect(sharpZoom(512, 392, 1)).toBe(392 / 512);
    expect(isSharp(392 / 512, 1)).toBe(false);
    expect(isSharp(1, 1.25)).toBe(false);
  });

  it('shows every pixel equally large, and never more than the room, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 512 }),
        fc.integer({ min: 16, max: 1000 }),
        fc.constantFrom(1, 1.25, 1.5, 1.75, 2, 3),
        (pixels, room, screen) => {
          const zoom = sharpZoom(pixels, room, screen);
          expect(zoom * pixels).toBeLessThanOrEqual(room + 1e-3);
          if (room * screen >= pixels) {
            expect(isSharp(zoom, screen)).toBe(true);
            expect(zoom * screen).toBeCloseTo(Math.round(zoom * screen), 9);
          }
        },
      ),
    );
  });

  it('asks core for as many pixels as a thumbnail has on the screen', () => {
    expect([1, 1.5, 2].map(thumbnailPixels)).toEqual([64, 96, 128]);
    // Zoomed out of and into a page.
    expect([0.1, 1.1, 15].map(thumbnailPixels)).toEqual([8, 70, 512]);
    expect(isSharp(sharpZoom(70, 64, 1.1), 1.1)).toBe(true);
  });
});
