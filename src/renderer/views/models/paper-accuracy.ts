import { z } from 'zod';
import source from '../../../../resources/paper/accuracies.json';

const accuraciesSchema = z.object({
  dataset: z.string(),
  network: z.string(),
  levels: z.array(z.object({ level: z.number(), accuracy: z.number(), above: z.boolean() })),
});

export interface PaperAccuracy {
  readonly level: number;
  readonly accuracy: number;
  /** The paper states a bound: 'above 98%'. */
  readonly above: boolean;
}

/** The paper's validation accuracy at each level (Sec. III); empty where it states none of its network. */
export function paperAccuracies({
  dataset,
  architecture,
}: {
  readonly dataset: string;
  readonly architecture: string;
}): readonly PaperAccuracy[] {
  const paper = accuraciesSchema.parse(source);
  return paper.dataset === dataset && paper.network === architecture ? paper.levels : [];
}

export function describePaperAccuracy(paper: PaperAccuracy | undefined): string {
  if (!paper) return '–';
  const percent = `${Math.round(paper.accuracy * 100)}%`;
  return paper.above ? `> ${percent}` : percent;
}
