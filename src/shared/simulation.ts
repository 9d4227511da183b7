/**
 * What keeps more workers from ending a job sooner: `work`, nothing, they would; `path`, what must follow
 * one another; `chains`, there are too few pieces, or too uneven ones, to keep all at work.
 */
export const simulationLimits = ['work', 'path', 'chains'] as const;
export type SimulationLimit = (typeof simulationLimits)[number];

/** In words, after 'limited by'. */
export const limitNames: Readonly<Record<SimulationLimit, string>> = {
  work: 'the work itself',
  path: 'what must follow one another',
  chains: 'too few pieces to share out',
};
