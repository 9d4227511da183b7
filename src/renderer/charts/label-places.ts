/** A point on the screen with the size of its label. */
export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface LabelPlace {
  /** Top left corner of the label. */
  readonly left: number;
  readonly top: number;
  /** Whether it stands so far off that a line must lead to its point. */
  readonly away: boolean;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const labelHeight = 14;
const marker = 8;
/** Distances to try, the nearest first; beyond the first two a line leads to the point. */
const distances = [7, 11, 20, 32, 46, 62];
/** Above right first: intervals lie to the right and above, labels between them. */
const directions = [
  [1, -1],
  [1, 1],
  [-1, -1],
  [-1, 1],
  [0, -1],
  [0, 1],
  [1, 0],
  [-1, 0],
] as const;

/**
 * Places for the labels of points: near them, inside the area, over no other label and no point
 * where that can be, else where the overlap is least. Later points give way to earlier ones.
 */
export function labelPlaces(points: readonly LabelledPoint[], area: Box): LabelPlace[] {
  const markers = points.map(({ x, y }) => around(x, y, marker));
  const taken: Box[] = [];
  return points.map((point, own) => {
    let best: { place: LabelPlace; box: Box; cost: number } | null = null;
    for (const [ring, distance] of distances.entries()) {
      for (const [h, v] of directions) {
        const box = boxAt(point, h, v, distance);
        const cost =
          outside(box, area) * 4 +
          sum(taken.map((other) => overlap(box, other))) +
          sum(markers.map((other, i) => (i === own ? 0 : overlap(box, other))));
        if (best === null || cost < best.cost) {
          best = { place: { left: box.left, top: box.top, away: ring > 1 }, box, cost };
        }
        if (cost === 0) break;
      }
      if (best?.cost === 0) break;
    }
    if (best === null) throw new RangeError('there is a place to try for every label');
    taken.push(best.box);
    return best.place;
  });
}

function around(x: number, y: number, radius: number): Box {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
}

function boxAt({ x, y, width }: LabelledPoint, h: number, v: number, distance: number): Box {
  const left = h > 0 ? x + distance : h < 0 ? x - distance - width : x - width / 2;
  const near = h === 0 ? distance : distance * 0.45;
  const top = v > 0 ? y + near : v < 0 ? y - near - labelHeight : y - labelHeight / 2;
  return { left, top, right: left + width, bottom: top + labelHeight };
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

function outside(box: Box, area: Box): number {
  const whole = (box.right - box.left) * (box.bottom - box.top);
  return whole - overlap(box, area);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
