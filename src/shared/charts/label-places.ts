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
const aside = 7;
/** Rows above and below a point, in labels: the nearest first, half a row off the point's own. */
const rows = [-0.6, 0.6, 0, -1.6, 1.6, -2.6, 2.6, -3.6, 3.6, -4.6, 4.6, -5.6, 5.6, -6.6, 6.6];
const sides = ['right', 'left', 'middle'] as const;
/** What labels over one another cost: more than a few rows off, however little of them it is. */
const touching = (covered: number) => (covered > 0 ? 200 + 10 * covered : 0);
/** Each label is placed anew among the others so often. */
const sweeps = 4;

interface Candidate {
  readonly box: Box;
  readonly away: boolean;
  /** How much worse than the best place it is where nothing is in the way. */
  readonly cost: number;
}

/**
 * Places for the labels of points: near them, inside the area, over no other label and no point
 * where that can be, else where the overlap is least.
 */
export function labelPlaces(points: readonly LabelledPoint[], area: Box): LabelPlace[] {
  const markers = points.map(({ x, y }) => around(x, y, marker));
  const candidates = points.map((point, own) =>
    candidatesOf(point).map(({ box, away, cost }): Candidate => {
      const covered = sum(markers.map((other, i) => (i === own ? 0 : overlap(box, other))));
      return { box, away, cost: cost + 20 * covered + 60 * outside(box, area) };
    }),
  );
  const chosen: (Candidate | undefined)[] = points.map(() => undefined);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    candidates.forEach((list, own) => {
      const others = chosen.filter((_, i) => i !== own);
      const costOf = ({ box, cost }: Candidate) =>
        cost + sum(others.map((other) => (other ? touching(overlap(box, other.box)) : 0)));
      chosen[own] = list.reduce((best, next) => (costOf(next) < costOf(best) ? next : best));
    });
  }
  return chosen.flatMap((place) =>
    place ? [{ left: place.box.left, top: place.box.top, away: place.away }] : [],
  );
}

/** Between the arms of the intervals first, then on them, then further off. */
function candidatesOf({ x, y, width }: LabelledPoint): Candidate[] {
  return rows.flatMap((row) =>
    sides.flatMap((side): Candidate[] => {
      // On the point's own row there is no room in the middle.
      if (row === 0 && side === 'middle') return [];
      const left = { right: x + aside, left: x - aside - width, middle: x - width / 2 }[side];
      const extra = side === 'middle' ? 1 : 0;
      const top = y + (row + Math.sign(row) * extra * 0.5 - 0.5) * labelHeight;
      const box = { left, top, right: left + width, bottom: top + labelHeight };
      const away = Math.abs(row) > 1;
      const cost =
        40 * Math.abs(row) + (row === 0 ? 35 : 0) + { right: 0, left: 4, middle: 8 }[side];
      return [{ box, away, cost }];
    }),
  );
}

function around(x: number, y: number, radius: number): Box {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
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
