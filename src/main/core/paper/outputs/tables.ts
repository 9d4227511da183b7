import { fixed } from '../../../../shared/format/numbers';
import { paperMethods } from '../../../../shared/catalogue/methods';
import { type Claim, type MethodCurve } from '../../../../shared/records';
import { spearman } from '../../../../statistics/correlation';
import { statedAccuracy } from '../../export/publication';
import { criterionOf } from '../../export/text/claims';
import { csv } from '../../export/text/csv';
import { markdownLine, markdownTable, markdownText } from '../../export/text/markdown';
import { columns, numeric } from '../../export/text/table';
import { type Paper } from '../paper';
import { memberNotes, memberTitle, type ReportedMember } from './report';

/** Rank and advantage of each method in each member, one row each. */
export function ranksCsv(members: readonly ReportedMember[]): string {
  const rhos = rankCorrelations(members);
  return csv(
    [
      'dataset',
      'choice',
      'reading',
      'setting',
      'method',
      'rank',
      'advantage',
      'advantage_low',
      'advantage_high',
      'area',
      'spearman_with_first',
    ],
    members.flatMap(({ member, result }, i) =>
      result.curves.map((curve) => [
        member.dataset,
        member.variant?.choice ?? null,
        member.variant?.reading ?? null,
        member.variant?.setting ?? null,
        curve.method.id,
        curve.rank,
        curve.advantage,
        curve.advantageLow,
        curve.advantageHigh,
        curve.area,
        rhos[i] ?? null,
      ]),
    ),
  );
}

/** Ranks with advantages, one row a member; GitHub's Markdown. */
export function ranksMarkdown(members: readonly ReportedMember[], title: string): string {
  const methods = shownMethods(members);
  const rhos = rankCorrelations(members);
  const rows = members.map((one, i) => {
    const { result } = one;
    const rho = rhos[i] ?? null;
    return [
      memberTitle(one),
      rho === null ? '–' : fixed(rho, 2),
      ...methods.map(({ id }) => {
        const curve = curveOf(result.curves, id);
        return curve ? `${curve.rank} (${fixed(curve.advantage)})` : '–';
      }),
    ];
  });
  const caption =
    'Rank (advantage over the random map, larger is better). A rank is 1 + the number of methods that are better by a 95% paired interval without 0. ρ is Spearman’s rank correlation of the advantages with those of the first row.';
  const titles = [...columns('Run'), ...['ρ', ...methods.map(({ name }) => name)].map(numeric)];
  return [
    `# ${markdownText(title)}`,
    '',
    caption,
    '',
    markdownTable({ caption, columns: titles, rows }, 'right'),
    '',
    ...memberNotes(members).flatMap((note) => [markdownLine(note), '']),
  ].join('\n');
}

/** The nine in the paper's order, then what else a member has; without the random map. */
export function shownMethods(members: readonly ReportedMember[]): MethodCurve['method'][] {
  return methodsOf(members.map(({ result }) => result.curves));
}

export function methodsOf(runs: readonly (readonly MethodCurve[])[]): MethodCurve['method'][] {
  const found = new Map<string, MethodCurve['method']>();
  for (const { method } of runs.flat()) {
    if (method.group !== 'control') found.set(method.id, method);
  }
  const nine = paperMethods.flatMap(({ id }) => found.get(id) ?? []);
  return [...nine, ...[...found.values()].filter((method) => !nine.includes(method))];
}

/** Spearman's rho of each member's advantages with the first one's. */
export function rankCorrelations(members: readonly ReportedMember[]): (number | null)[] {
  const first = members[0]?.result.curves ?? [];
  return members.map(({ result }) => correlate(first, result.curves));
}

/** Over the methods of both, without the controls. Null where it is not defined. */
export function correlate(a: readonly MethodCurve[], b: readonly MethodCurve[]): number | null {
  const pairs = a.flatMap((curve) => {
    const other = curveOf(b, curve.method.id);
    return other && curve.method.group !== 'control'
      ? [[curve.advantage, other.advantage] as const]
      : [];
  });
  return spearman(
    pairs.map(([x]) => x),
    pairs.map(([, y]) => y),
  );
}

export const curveOf = (curves: readonly MethodCurve[], id: string): MethodCurve | undefined =>
  curves.find(({ method }) => method.id === id);

/** The column `quote` keeps its name for those who read it; it holds our wording. */
export function claimsCsv(claims: readonly Claim[], paper: Paper): string {
  return csv(
    ['id', 'section', 'verdict', 'quote', 'criterion', 'evidence'],
    claims.map((claim) => [
      claim.id,
      claim.section,
      claim.verdict,
      claim.says,
      criterionOf(paper, claim),
      claim.evidence,
    ]),
  );
}

/** Ours beside the paper's, where it states one (0.98 with `above`: it says 'above 98%'). */
export function accuraciesCsv(members: readonly ReportedMember[], paper: Paper): string {
  return csv(
    [
      'dataset',
      'setting',
      'level',
      'validation_accuracy',
      'paper_accuracy',
      'paper_says_above',
      'epochs',
      'cuts',
    ],
    members.flatMap(({ member, result }) =>
      result.levels.map(({ level, validationAccuracy, epochs }) => {
        const stated =
          member.dataset === paper.accuracies.dataset
            ? statedAccuracy(paper.accuracies, level)
            : null;
        return [
          member.dataset,
          member.variant?.setting ?? null,
          level,
          validationAccuracy,
          stated?.accuracy ?? null,
          stated === null ? null : String(stated.above),
          epochs,
          result.cuts.join('; '),
        ];
      }),
    ),
  );
}
