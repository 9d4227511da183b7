export const withoutIntervals = 'there are no intervals, and no method ranks before another.';
